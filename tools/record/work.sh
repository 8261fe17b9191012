# shellcheck shell=bash disable=SC2154
# What the people of the office do, sourced by tools/record-office: one function per kind of work.

at() # seconds from the start, command…: in the background
{
    local when=$1
    shift
    { sleep "$when"; "$@" >>"$work/log/work-$1" 2>&1 </dev/null; } &
    jobs_of_the_office+=($!)
}

browser() # host, seconds at most, arguments…
{
    local host=$1 seconds=$2 profile
    shift 2
    profile=$(mktemp -d "$work/browser.XXXXXX")
    in_ns "$host" timeout "$seconds" chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --user-data-dir="$profile" --ignore-certificate-errors --disable-background-networking \
        --disable-component-update --disable-sync --disable-default-apps --no-first-run --no-pings \
        --disable-domain-reliability --disable-client-side-phishing-detection \
        --disable-features=OptimizationHints,MediaRouter,Translate,NetworkTimeServiceQuerying,AutofillServerCommunication,CertificateTransparencyComponentUpdater,DnsOverHttps \
        --host-resolver-rules="MAP *.googleapis.com ~NOTFOUND, MAP *.google.com ~NOTFOUND" "$@"
}

browse() # host, name: one page, until it has loaded
{
    browser "$1" 25 --dump-dom "https://$2/"
}

# The page plays a video in segments, as a player of a site does: it fetches ahead and then keeps pace.
watch_course() # host, seconds
{
    browser "$1" "$2" --remote-debugging-port=0 --autoplay-policy=no-user-gesture-required \
        https://video.example.test/
}

fetch() # host, curl arguments…
{
    local host=$1
    shift
    in_ns "$host" curl --silent --show-error --insecure --max-time 60 --output /dev/null "$@"
}

back_up() # host, file
{
    fetch "$1" --http1.1 --upload-file "$2" "https://backup.example.test/$(basename "$2")"
}

synchronise() # host
{
    fetch "$1" --http2 --upload-file "$work/site/office/sync/{0,1,2,3,4,5,6,7,8,9}.bin" https://sync.example.test/dossier/
}

# A form of a web application every 3 s over one connection.
use_application() # host, times
{
    local urls=() i
    for ((i = 0; i < $2; i++)); do
        urls+=("https://app.intranet.test/saisie?ligne=$i")
    done
    fetch "$1" --rate 20/m --data "$(head -c 700 /dev/zero | tr '\0' x)" "${urls[@]}"
}

pay() # host
{
    fetch "$1" --data "$(head -c 400 /dev/zero | tr '\0' x)" https://pay.bank.test/transaction
}

read_mail() # host
{
    in_ns "$1" python3 - <<'PYTHON'
import imaplib
import ssl
import time
loose = ssl.create_default_context()
loose.check_hostname, loose.verify_mode = False, ssl.CERT_NONE
box = imaplib.IMAP4_SSL("mail.example.test", ssl_context=loose)
box.login("bruno", "recording")
box.select("INBOX", readonly=True)
box.fetch("1:*", "(FLAGS RFC822.SIZE BODY.PEEK[HEADER])")
for number in ("3", "18", "9"):
    time.sleep(6)
    box.fetch(number, "(BODY.PEEK[])")
time.sleep(3)
box.noop()
box.logout()
PYTHON
}

send_mail() # host
{
    fetch "$1" --ssl-reqd smtp://mail.example.test:587/pc2.office.test --mail-from bruno@office.test \
        --mail-rcpt accueil@mail.test --upload-file "$work/site/office/devis.eml"
}

# A person at a business application: a transaction of three statements, then a pause.
use_database() # host, transactions
{
    local i
    {
        echo "create temporary table devis (id int, texte text);"
        for ((i = 0; i < $2; i++)); do
            sleep "$((1 + RANDOM % 3)).$((RANDOM % 10))"
            echo "begin;"
            echo "insert into devis select $i * 10 + n, repeat('x', 40) from generate_series(1, 8) n;"
            echo "select * from devis order by id desc limit 20;"
            echo "commit;"
        done
    } | in_ns "$1" psql -X -q "host=db.example.test user=postgres dbname=postgres sslmode=require"
}

office_ssh=(ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR)

type_in_shell() # host, keys
{
    local i
    {
        for ((i = 0; i < $2; i++)); do
            sleep "0.$((12 + RANDOM % 25))"
            if ((i % 24 == 23)); then printf '\r'; else printf 'e'; fi
        done
        printf '\r\004'
    } | in_ns "$1" timeout 90 "${office_ssh[@]}" -i "$work/user_key" -tt root@shell.example.test cat
}

copy_site() # host
{
    in_ns "$1" rsync -a -e "${office_ssh[*]} -i $work/user_key" "$work/site/office/site" \
        root@shell.example.test:"$work/copies/"
}

call() # host, seconds
{
    in_ns "$1" nice -n -15 baresip -f "$work/phone-office" -t "$2" -e "d sip:accueil@sip.voip.test"
}

set_clock() # host: asks for the time and leaves the clock alone
{
    in_ns "$1" chronyd -Q -u root -t 10 "server ntp.example.test iburst" "cmdport 0" "pidfile $work/chrony-$1.pid"
}

save_to_lan() # host
{
    in_ns "$1" smbclient -N -s "$work/smb.conf" //192.168.10.5/share -c "put $work/site/office/plan.bin plan.bin"
}
