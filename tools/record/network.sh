# shellcheck shell=bash disable=SC2154
# The network of a recording, sourced by tools/record-office: office hosts behind a router that only
# routes, a fast line with real distances (relay), and servers at documentation addresses.
#
#   pc1 … pc4, phone, files ── br0 [router] wan0 ~~~ relay ~~~ inet0 [inet] all servers
#   192.168.10.x, 2001:db8:10::x     ^ captured here           203.0.113.x, 2001:db8:53::x

prefix=rn
office_hosts=(pc1:21 pc2:22 pc3:23 pc4:24 phone:31 files:5)
# Address, one-way delay beside the line's own in ms, name.
servers="203.0.113.10 5 www.shop.test
203.0.113.11 7 www.mairie.test
203.0.113.12 12 app.intranet.test
203.0.113.21 14 sync.example.test
203.0.113.30 6 video.example.test
203.0.113.40 10 mail.example.test
203.0.113.50 15 backup.example.test
203.0.113.51 15 shell.example.test
203.0.113.53 4 dns.example.test
203.0.113.60 10 sip.voip.test
203.0.113.70 9 db.example.test
203.0.113.80 12 files.example.test
203.0.113.81 12 mqtt.example.test
203.0.113.82 9 ftp.example.test
203.0.113.83 11 chat.example.test
203.0.113.84 10 vpn.example.test
203.0.113.85 7 deb.example.test
203.0.113.86 9 desktop.example.test
203.0.113.90 18 pay.bank.test
203.0.113.123 8 ntp.example.test
2001:db8:53::11 7 www.mairie.test"

in_ns() # namespace, command…
{
    ip netns exec "$prefix-$1" "${@:2}"
}

# Packets must be captured as they would be on the wire: no segmentation left to a card.
offloads_off() # namespace, device
{
    in_ns "$1" ethtool -K "$2" tx off rx off sg off tso off gso off gro off >/dev/null 2>&1 || true
}

add_namespace() # name
{
    ip netns add "$prefix-$1"
    mkdir -p "/etc/netns/$prefix-$1"
    echo "nameserver 203.0.113.53" >"/etc/netns/$prefix-$1/resolv.conf"
    in_ns "$1" ip link set lo up
}

add_office_host() # name, last number of its addresses
{
    local mac
    mac=$(printf '02:00:00:00:10:%02x' "$2")
    add_namespace "$1"
    ip link add "$prefix-$1" type veth peer name eth0 address "$mac" netns "$prefix-$1"
    ip link set "$prefix-$1" netns "$prefix-router"
    in_ns router ip link set "$prefix-$1" master br0 up
    in_ns "$1" ip address add "192.168.10.$2/24" dev eth0
    in_ns "$1" ip address add "2001:db8:10::$2/64" dev eth0 nodad
    in_ns "$1" ip link set eth0 up
    in_ns "$1" ip route add default via 192.168.10.1
    in_ns "$1" ip route add default via 2001:db8:10::1
    offloads_off "$1" eth0
    offloads_off router "$prefix-$1"
}

add_router()
{
    add_namespace router
    in_ns router sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    in_ns router ip link add br0 address 02:00:00:00:10:01 type bridge
    in_ns router ip address add 192.168.10.1/24 dev br0
    in_ns router ip address add 2001:db8:10::1/64 dev br0 nodad
    in_ns router ip link set br0 up
    offloads_off router br0
}

# Both ends of the relay start in our own namespace and are moved to where they belong.
add_line() # up kbit/s, down kbit/s
{
    local ready
    { awk '{ print $1, $2 }' <<<"$servers"; echo default 10; } >"$work/delays"
    coproc relay { exec nice -n -15 "$here/record/relay" "$prefix-wan0" "$prefix-inet0" "$1" "$2" "$work/delays"; }
    # shellcheck disable=SC2154  # coproc sets relay_PID
    started+=("$relay_PID")
    read -r ready <&"${relay[0]}"
    [ "$ready" = ready ] || fail "the relay did not start"
    ip link set "$prefix-wan0" netns "$prefix-router"
    ip link set "$prefix-inet0" netns "$prefix-inet"
}

add_internet()
{
    local address
    in_ns router ip link set "$prefix-wan0" txqueuelen 5000 up
    in_ns router ip route add default dev "$prefix-wan0"
    in_ns router ip -6 route add default dev "$prefix-wan0"
    in_ns inet ip link set "$prefix-inet0" txqueuelen 5000 up
    while read -r address _; do
        case $address in
        *:*) in_ns inet ip address add "$address/128" dev lo nodad ;;
        203.0.113.60) ;;
        *) in_ns inet ip address add "$address/32" dev lo ;;
        esac
    done <<<"$servers"
    # The telephone takes the address of a device of its own and sends from the route's source;
    # every other server binds its address.
    in_ns inet ip link add voice0 type bridge
    in_ns inet ip address add 203.0.113.60/32 dev voice0
    in_ns inet ip link set voice0 up
    in_ns inet ip route add 192.168.10.0/24 dev "$prefix-inet0" src 203.0.113.60
    in_ns inet ip -6 route add 2001:db8:10::/64 dev "$prefix-inet0"
}

build_network()
{
    local host
    add_router
    for host in "${office_hosts[@]}"; do
        add_office_host "${host%:*}" "${host#*:}"
    done
    add_namespace inet
    add_line 100000 200000
    add_internet
}

# Every process inside these namespaces was started by this recording.
remove_network()
{
    local name pids
    for name in pc1 pc2 pc3 pc4 phone files router inet; do
        pids=$(ip netns pids "$prefix-$name" 2>/dev/null)
        # shellcheck disable=SC2086  # one word per process
        [ -z "$pids" ] || kill $pids 2>/dev/null
    done
    [ "${#started[@]}" = 0 ] || kill "${started[@]}" 2>/dev/null
    sleep 0.5
    for name in pc1 pc2 pc3 pc4 phone files router inet; do
        pids=$(ip netns pids "$prefix-$name" 2>/dev/null)
        # shellcheck disable=SC2086
        [ -z "$pids" ] || kill -9 $pids 2>/dev/null
        ip netns delete "$prefix-$name" 2>/dev/null
        rm -rf "/etc/netns/$prefix-$name"
    done
}
