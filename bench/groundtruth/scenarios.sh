# shellcheck shell=bash disable=SC2154
# What is done on every line, sourced by bench/groundtruth/run: real programs against real servers. A
# scenario prints "metric value" lines; `seen` adds what the packets at the office's end show.
# Sizes differ from those of other ground truths on purpose.

prepare_content()
{
    head -c 2500000 "$work/site/office/update.deb" >"$work/site/www/mairie/dl.bin"
    head -c 700000 "$work/site/office/update.deb" >"$work/ul.bin"
    head -c 6000000 "$work/site/office/update.deb" >"$work/long.bin"
    mkdir -p "$work/site/www/quic"
    head -c 1900000 "$work/site/office/update.deb" >"$work/site/www/quic/dl.bin"
    for ((i = 1; i <= 14; i++)); do
        head -c $((i * 9000)) "$work/site/office/update.deb" >"$work/site/www/quic/$i.bin"
    done
    # The page says when its load event came; a browser asked for the document prints it.
    # shellcheck disable=SC2016  # the browser expands it
    for page in 02 05; do
        sed -i 's|^<!doctype html>|&<script>onload = () => { document.documentElement.dataset.load = performance.timing.loadEventStart - performance.timing.navigationStart }</script>|' \
            "$work/site/www/mairie/$page/index.html" 2>/dev/null || true
    done
}

# ngtcp2, as Debian has it: CUBIC, HTTP/3.
start_quic() { start_in inet quic gtlsserver -q -d "$work/site/www/quic" 203.0.113.21 443 "$work/key.pem" "$work/cert.pem"; }

# The window is what a UDP socket holds by default: with the client's own, of megabytes, a fast line loses a
# tenth in the socket, and who only sees packets cannot tell what QUIC sends again.
fetch_quic() # arguments of the client
{
    in_ns pc1 timeout 300 gtlsclient -q --exit-on-all-streams-close --max-data=96K --max-window=96K \
        --max-stream-data-bidi-local=96K --max-stream-window=96K "$@"
}

timed_fetch() # host, curl arguments…
{
    local host=$1
    shift
    in_ns "$host" curl --silent --show-error --insecure --http1.1 --max-time 300 --output /dev/null \
        --write-out 'completion_s %{time_total}\nttfb_s %{time_starttransfer}\n' "$@"
}

page_load() # page
{
    local ms
    ms=$(browser pc1 120 --dump-dom "https://www.mairie.test/$1/" 2>/dev/null | grep -o 'data-load="[0-9]*"' | grep -o '[0-9]*')
    [ -n "$ms" ] && awk -v ms="$ms" 'BEGIN { print "page_load_s", ms / 1000 }'
}

# Another user's upload that outlasts the rest.
other_upload() # seconds to wait
{
    sleep "$1"
    in_ns pc2 timeout 45 curl --silent --insecure --http1.1 --output /dev/null --upload-file "$work/long.bin" https://backup.example.test/long.bin
}

scenario_dl() { timed_fetch pc1 https://www.mairie.test/dl.bin; }
scenario_ul() { timed_fetch pc1 --upload-file "$work/ul.bin" https://backup.example.test/ul.bin; }
scenario_quic_dl() { fetch_quic sync.example.test 443 https://sync.example.test/dl.bin; }
scenario_quic_ul() { fetch_quic --data="$work/ul.bin" sync.example.test 443 https://sync.example.test/1.bin; }
# All at once in one connection, as a page's pictures.
scenario_quic_many() { fetch_quic sync.example.test 443 https://sync.example.test/{1..14}.bin; }
scenario_web() { page_load 05; }
scenario_imap() { in_ns pc1 "$here/client" imap mail.example.test 18; }
scenario_hls() { in_ns pc1 "$here/client" play video.example.test 12; }
scenario_voip() { call phone 20; }
scenario_keys() { in_ns pc1 "$here/client" type 20 2.5 "${office_ssh[@]}" -i "$work/user_key" -tt root@shell.example.test cat; }

scenario_voip_ul()
{
    other_upload 5 &
    call phone 30
    kill_upload
}

scenario_keys_ul()
{
    other_upload 5 &
    in_ns pc1 "$here/client" type 30 10 "${office_ssh[@]}" -i "$work/user_key" -tt root@shell.example.test cat
    kill_upload
}

kill_upload()
{
    local pids
    pids=$(ip netns pids "$prefix-pc2")
    # shellcheck disable=SC2086  # one word per process
    [ -z "$pids" ] || kill $pids 2>/dev/null
    wait %% 2>/dev/null
    # What the kernel still holds of it would go on being sent, into the next scenario.
    in_ns pc2 ss -K dst 203.0.113.50 >/dev/null
    [ -z "$(in_ns pc2 ss -H -t -n dst 203.0.113.50)" ] || echo "an upload could not be ended" >&2
}

scenario_db()
{
    for ((i = 0; i < 80; i++)); do
        echo "select $i, repeat('y', 300);"
    done | in_ns pc4 psql -X -q "host=db.example.test user=postgres dbname=postgres sslmode=require" >/dev/null
}

scenario_rsync()
{
    rm -rf "${work:?}/copies/site"
    copy_site pc3
}

# Small: smbclient gives up on a request after 20 s, and asks for the whole file in one.
scenario_smb()
{
    in_ns pc3 smbclient -N -s "$work/remote-smb.conf" //files.example.test/share -c "get plan.bin $work/got.bin" &&
        cmp -s "$work/got.bin" "$work/site/office/plan.bin"
}

# Metrics of a scenario that its packets show: pcap of the office's end, pcap of the servers' end.
seen() # scenario
{
    case $1 in
    voip) "$here/client" call "$work/office.pcap" "$work/servers.pcap" 0 ;;
    voip_ul) "$here/client" call "$work/office.pcap" "$work/servers.pcap" 10 ;;
    quic_* | db | rsync | smb) "$here/client" span "$work/office.pcap" ;;
    esac
}
