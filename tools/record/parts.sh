# shellcheck shell=bash disable=SC2154
# What the parts of the reference population need beyond the office's recording, sourced by
# tools/record-parts: more servers, and the work of one application each.

# The file server of another site, reached over the line.
start_remote_files()
{
    mkdir -p "$work/remote-share" "$work/remote-samba"
    chmod 777 "$work/remote-share"
    cp "$work"/site/office/sync/*.bin "$work/remote-share/"
    chmod 666 "$work"/remote-share/*
    sed -e "s|192.168.10.5|203.0.113.80|; s|$work/samba|$work/remote-samba|; s|$work/share|$work/remote-share|" \
        "$work/smb.conf" >"$work/remote-smb.conf"
    start_in inet remote-smbd smbd -F --no-process-group -s "$work/remote-smb.conf"
}

start_ftp()
{
    mkdir -p "$work/ftp/empty" "$work/ftp/files"
    head -c 3000000 "$work/site/office/backup.bin" >"$work/ftp/files/catalogue.bin"
    chmod 777 "$work/ftp/files"
    cat >"$work/vsftpd.conf" <<END
listen=YES
listen_address=203.0.113.82
background=NO
anonymous_enable=YES
anon_root=$work/ftp
anon_upload_enable=YES
write_enable=YES
anon_umask=022
secure_chroot_dir=$work/ftp/empty
pasv_address=203.0.113.82
seccomp_sandbox=NO
END
    start_in inet vsftpd vsftpd "$work/vsftpd.conf"
}

start_telemetry()
{
    printf 'listener 1883 203.0.113.81\nallow_anonymous true\n' >"$work/mosquitto.conf"
    start_in inet mosquitto mosquitto -c "$work/mosquitto.conf"
}

start_chat()
{
    mkdir -p "$work/prosody"
    cat >"$work/prosody.cfg.lua" <<END
run_as_root = true
interfaces = { "203.0.113.83" }
modules_enabled = { "roster", "saslauth", "tls", "disco", "presence", "message", "iq", "ping" }
modules_disabled = { "s2s" }
authentication = "internal_plain"
data_path = "$work/prosody"
pidfile = "$work/prosody.pid"
ssl = { key = "$work/key.pem", certificate = "$work/cert.pem" }
log = { info = "$work/log/prosody" }
VirtualHost "chat.example.test"
END
    for name in bruno accueil; do
        prosodyctl --root --config "$work/prosody.cfg.lua" register "$name" chat.example.test recording >>"$work/log/prosodyctl" 2>&1
    done
    start_in inet prosody-start prosody --root -F --config "$work/prosody.cfg.lua"
    sleep 2
    start_in inet chat-far "$here/record/chat" accueil
}

# A desktop of the other site, with a terminal on it.
start_desktop()
{
    start_in inet Xvnc Xvnc :7 -geometry 1280x800 -depth 24 -SecurityTypes None -interface 203.0.113.86 -localhost=0
    sleep 2
    start_in inet xterm env DISPLAY=:7 xterm -fa monospace -fs 11 -geometry 100x40+0+0
    start_in pc3 Xvnc-own Xvnc :8 -geometry 1400x900 -depth 24 -SecurityTypes None -localhost=1
}

start_part_servers()
{
    start_remote_files
    start_ftp
    start_telemetry
    start_chat
    start_desktop
}

# The parts: a function each, named part_ACTIVITY or part_ACTIVITY__VARIANT.

# Ten pages of rising weight, over HTTP/2 and (by IPv6) HTTP/1.1 in turn.
for number in 0 1 2 3 4 5 6 7 8 9; do
    if ((number % 2)); then name=www.mairie.test; else name=www.shop.test; fi
    eval "part_page__0$number() { browse pc1 $name/0$number; }"
done
part_form() { use_application pc2 8; }
part_payment() { pay pc4; }
part_mail_read() { read_mail pc2; }
part_mail_large() { send_mail pc2; }
part_call() { call phone 60; }
part_video() { watch_course pc4 40; }
part_sync() { synchronise pc1; }
part_backup() { back_up pc2 "$work/site/office/backup.bin"; }
part_database() { use_database pc4 15; }
part_shell() { type_in_shell pc3 120; }
part_clock() { set_clock pc1; }

part_mail_short()
{
    fetch pc2 --ssl-reqd smtp://mail.example.test:587/pc2.office.test --mail-from bruno@office.test \
        --mail-rcpt accueil@mail.test --upload-file "$work/site/office/note.eml"
}

part_update()
{
    in_ns pc1 /usr/lib/apt/apt-helper download-file http://deb.example.test/update.deb "$work/update.deb"
}

part_remote_files()
{
    in_ns pc3 smbclient -N -s "$work/remote-smb.conf" //files.example.test/share \
        -c "ls; get 2.bin $work/got.bin; put $work/site/office/plan.bin plan.bin; ls"
}

part_file_get() { fetch pc1 ftp://ftp.example.test/files/catalogue.bin; }
part_file_put() { fetch pc1 --upload-file "$work/site/office/plan.bin" ftp://ftp.example.test/files/; }

part_sensor()
{
    local i
    for ((i = 0; i < 6; i++)); do
        echo "{\"serial\": 17, \"temperature\": 4.$i, \"door\": false}"
        sleep 10
    done | in_ns files mosquitto_pub -h mqtt.example.test -i froid -t magasin/froid -q 1 -l
}

part_chat() { in_ns pc2 timeout 60 "$here/record/chat" bruno; }

# A tunnel to the firm's other site, while it lasts: its web application is reached through it.
part_tunnel()
{
    local common=(--dev-type tun --proto udp --secret "$work/tunnel.key" --cipher AES-256-CBC) ends=()
    openvpn --genkey secret "$work/tunnel.key" 2>/dev/null
    in_ns inet openvpn "${common[@]}" --dev tun-far --ifconfig 10.8.0.1 10.8.0.2 --local 203.0.113.84 --port 1194 &
    ends+=($!)
    in_ns pc2 openvpn "${common[@]}" --dev tun-near --ifconfig 10.8.0.2 10.8.0.1 --remote vpn.example.test 1194 \
        --route 203.0.113.12 255.255.255.255 &
    ends+=($!)
    sleep 4
    use_application pc2 6
    kill "${ends[@]}"
}

# Typing into the terminal of the far desktop; without a window manager the viewer must be given the focus.
part_desktop()
{
    local i viewer own=(in_ns pc3 env DISPLAY=:8 xdotool)
    in_ns pc3 env DISPLAY=:8 xtigervncviewer -SecurityTypes None desktop.example.test::5907 &
    viewer=$!
    sleep 4
    "${own[@]}" windowfocus "$("${own[@]}" search --onlyvisible --name TigerVNC)"
    "${own[@]}" mousemove 300 200 click 1
    sleep 1
    for ((i = 0; i < 5; i++)); do
        "${own[@]}" type --delay 180 "ls -l /usr/lib | head -40"
        "${own[@]}" key Return
        sleep 2
    done
    kill "$viewer"
}
