# shellcheck shell=bash disable=SC2154
# The servers of a recording, all from Debian packages, sourced by tools/record-office.

start_in() # namespace, name of its log, command…
{
    local where=$1 log=$work/log/$2
    shift 2
    # A session of its own: some servers end by signalling their whole process group.
    setsid ip netns exec "$prefix-$where" "$@" >"$log" 2>&1 </dev/null &
    started+=($!)
}

make_certificate()
{
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
        -subj "/O=Recording/CN=example.test" \
        -addext "subjectAltName=DNS:*.shop.test,DNS:*.mairie.test,DNS:*.example.test,DNS:*.voip.test" \
        -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
    chmod 644 "$work/key.pem"
}

start_dns()
{
    {
        echo no-resolv
        echo no-hosts
        echo bind-interfaces
        echo listen-address=203.0.113.53
        awk '{ print "host-record=" $3 "," $1 }' <<<"$servers"
        echo local=/test/
        echo local-ttl=300
    } >"$work/dnsmasq.conf"
    start_in inet dnsmasq dnsmasq --keep-in-foreground --conf-file="$work/dnsmasq.conf" --pid-file= --user=root
}

web_server() # listen words, name, root, more lines
{
    printf 'server { listen %s; server_name %s; root %s; %s }\n' "$1" "$2" "$3" "$4"
}

start_web()
{
    # shellcheck disable=SC2016  # nginx expands it
    local slow='location = / { echo_sleep 0.12; echo_exec /index.html; }
        location ~ ^/([0-9]+)/$ { echo_sleep 0.12; echo_exec /$1/index.html; }'
    local upload='client_max_body_size 1g; location / { dav_methods PUT; create_full_put_path on; }'
    # shellcheck disable=SC2016  # nginx expands it
    local api='location / { if ($request_method = POST) { echo_read_request_body; } echo_sleep 0.06; echo_exec /answer; }
        location = /answer { echo_duplicate 900 "ligne "; }'
    mkdir -p "$work/upload"
    chmod 777 "$work/upload"
    {
        echo "load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;"
        echo "user www-data; pid $work/nginx.pid; error_log $work/log/nginx-error; worker_processes 1;"
        echo "events { worker_connections 512; }"
        echo "http { access_log $work/log/nginx-access; include /etc/nginx/mime.types; sendfile on;"
        echo "ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem; ssl_protocols TLSv1.2 TLSv1.3;"
        echo "client_body_temp_path $work/upload/tmp; keepalive_timeout 75;"
        web_server "203.0.113.10:443 ssl http2" www.shop.test "$work/site/www/shop" "$slow"
        web_server "203.0.113.11:443 ssl" www.mairie.test "$work/site/www/mairie" \
            "listen [2001:db8:53::11]:443 ssl; $slow"
        web_server 203.0.113.85:80 deb.example.test "$work/site/office" ""
        web_server "203.0.113.12:443 ssl" app.intranet.test "$work/site/www/intranet" "$api"
        web_server "203.0.113.21:443 ssl http2" sync.example.test "$work/upload" "$upload"
        web_server "203.0.113.30:443 ssl" video.example.test "$work/site/www/video" ""
        web_server "203.0.113.50:443 ssl" backup.example.test "$work/upload" "$upload"
        web_server "203.0.113.90:443 ssl" pay.bank.test "$work/site/www/one" "$api"
        echo "}"
    } >"$work/nginx.conf"
    start_in inet nginx nginx -c "$work/nginx.conf" -g 'daemon off;'
}

start_mail()
{
    chown -R nobody:nogroup "$work/site/mail"
    cat >"$work/dovecot.conf" <<END
base_dir = $work/dovecot
log_path = $work/log/dovecot
protocols = imap
listen = 203.0.113.40
ssl = required
ssl_cert = <$work/cert.pem
ssl_key = <$work/key.pem
mail_location = maildir:$work/site/mail
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
passdb {
  driver = static
  args = password=recording
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$work/site
}
service imap-login {
  inet_listener imap {
    port = 0
  }
}
END
    start_in inet dovecot-start dovecot -F -c "$work/dovecot.conf"
    mkdir -p "$work/exim"
    cat >"$work/exim.conf" <<END
primary_hostname = mail.example.test
spool_directory = $work/exim
log_file_path = $work/log/exim-%s
local_interfaces = 203.0.113.40
daemon_smtp_ports = 587
tls_advertise_hosts = *
tls_certificate = $work/cert.pem
tls_privatekey = $work/key.pem
acl_smtp_rcpt = acl_rcpt
begin acl
acl_rcpt:
  accept
begin routers
hole:
  driver = redirect
  data = :blackhole:
END
    chmod 644 "$work/exim.conf"
    chown -R Debian-exim "$work/exim"
    start_in inet exim exim4 -bdf -C "$work/exim.conf"
}

start_database()
{
    local bin
    bin=$(find /usr/lib/postgresql -name initdb -printf '%h\n' | sort | tail -n 1)
    mkdir -p "$work/database"
    cp "$work/cert.pem" "$work/key.pem" "$work/database/"
    chown -R postgres "$work/database"
    chmod 600 "$work/database/key.pem"
    runuser -u postgres -- "$bin/initdb" -D "$work/database/data" -A trust -E UTF8 --locale=C >"$work/log/initdb" 2>&1
    echo "host all all 192.168.10.0/24 trust" >>"$work/database/data/pg_hba.conf"
    start_in inet postgres runuser -u postgres -- "$bin/postgres" -D "$work/database/data" \
        -c listen_addresses=203.0.113.70 -c unix_socket_directories="$work/database" -c ssl=on \
        -c ssl_cert_file="$work/database/cert.pem" -c ssl_key_file="$work/database/key.pem" -c fsync=off
}

start_shell()
{
    ssh-keygen -q -t ed25519 -N '' -f "$work/host_key"
    ssh-keygen -q -t ed25519 -N '' -f "$work/user_key"
    mkdir -p /run/sshd "$work/copies"
    cat >"$work/sshd.conf" <<END
ListenAddress 203.0.113.51:22
HostKey $work/host_key
AuthorizedKeysFile $work/user_key.pub
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PrintMotd no
PrintLastLog no
PidFile none
END
    start_in inet sshd /usr/sbin/sshd -D -e -f "$work/sshd.conf"
}

# A telephone: baresip with a sound file for a voice and nobody listening.
write_phone() # folder, address, name, answer mode
{
    mkdir -p "$work/$1"
    cat >"$work/$1/config" <<END
sip_listen $2:5060
net_interface ${5}
dns_server 203.0.113.53:53
audio_source aufile,$work/voice.wav
audio_player aubridge,nobody
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module_app account.so
module_app menu.so
rtp_ports 20000-20100
END
    echo "<sip:$3@$2>;regint=0;answermode=$4" >"$work/$1/accounts"
    : >"$work/$1/contacts"
}

start_voice()
{
    python3 - "$work/voice.wav" <<'PYTHON'
import random, struct, sys, wave
stream, level, samples = random.Random(6), 0.0, []
for i in range(8000 * 90):
    if i % 2400 == 0:
        level = stream.choice((200, 3000, 6000, 9000))
    samples.append(int(stream.uniform(-level, level)))
with wave.open(sys.argv[1], "wb") as voice:
    voice.setparams((1, 2, 8000, 0, "NONE", ""))
    voice.writeframes(struct.pack(f"<{len(samples)}h", *samples))
PYTHON
    write_phone phone-far 203.0.113.60 accueil auto voice0
    write_phone phone-office 192.168.10.31 bureau manual eth0
    start_in inet phone-far nice -n -15 baresip -f "$work/phone-far"
}

start_video()
{
    # Twelve segments of 4 s; the page is the site's player.
    ffmpeg -loglevel error -nostdin -f lavfi -i testsrc2=size=640x360:rate=25 -t 48 -c:v libx264 \
        -profile:v baseline -preset ultrafast -b:v 700k -maxrate 700k -bufsize 1400k -g 100 \
        -hls_time 4 -hls_playlist_type vod -hls_segment_type fmp4 "$work/site/www/video/index.m3u8"
}

start_time()
{
    start_in inet chrony chronyd -x -d -u root "bindaddress 203.0.113.123" "local stratum 3" \
        "allow all" "cmdport 0" "pidfile $work/chrony.pid"
}

start_lan_files()
{
    mkdir -p "$work/share" "$work/samba"
    chmod 777 "$work/share"
    cat >"$work/smb.conf" <<END
[global]
interfaces = 192.168.10.5
bind interfaces only = yes
disable netbios = yes
smb ports = 445
map to guest = bad user
private dir = $work/samba
lock directory = $work/samba
state directory = $work/samba
cache directory = $work/samba
pid directory = $work/samba
ncalrpc dir = $work/samba/ncalrpc
log file = $work/log/smbd-%m
load printers = no
[share]
path = $work/share
guest ok = yes
read only = no
END
    start_in files smbd smbd -F --no-process-group -s "$work/smb.conf"
}
