# shellcheck shell=bash disable=SC2154
# How a measurement's network differs from a recording's (tools/record/network.sh): the line is the
# emulator, IPv4 only, and several may run side by side.

# What tools/record has as add_internet goes on under another name.
eval "add_plain_internet() $(declare -f add_internet | tail -n +2)"
servers=$(grep -v : <<<"$servers") # the emulator carries IPv4

# The TCP of a plain Linux, whatever this machine was tuned to (buffers: add_line). By route: a namespace may not choose a congestion control that the
# machine restricts, but its routes may.
add_internet()
{
    local name
    add_plain_internet
    for name in pc1 pc2 pc3 pc4 phone; do
        in_ns "$name" ip route replace default via 192.168.10.1 congctl cubic || fail "no CUBIC here"
    done
    in_ns inet ip route replace 192.168.10.0/24 dev "$prefix-inet0" src 203.0.113.60 congctl cubic
}

# line_to and line_from talk to the emulator: a line of counters for every line written.
add_line()
{
    local ready mtu=1492 name first=(nice -n -15)
    [ "$line" = fast ] && mtu=1500
    awk '{ print $1, $2 } END { print "default", 10 }' <<<"$servers" >"$work/delays"
    # Before everything else, where that is allowed: its lateness is the testbed's error.
    chrt -f 10 true 2>/dev/null && first=(chrt -f 10)
    coproc emulator_process { exec "${first[@]}" "$emulator" "$prefix-wan0" "$prefix-inet0" "$line" "$work/delays"; }
    # shellcheck disable=SC2154  # coproc sets emulator_process_PID
    started+=("$emulator_process_PID")
    exec {line_from}<&"${emulator_process[0]}" {line_to}>&"${emulator_process[1]}"
    read -r ready <&"$line_from"
    [ "$ready" = ready ] || fail "the line $line did not start"
    ip link set "$prefix-wan0" netns "$prefix-router"
    ip link set "$prefix-inet0" netns "$prefix-inet"
    in_ns router ip link set "$prefix-wan0" mtu "$mtu"
    in_ns inet ip link set "$prefix-inet0" mtu "$mtu"
    for name in pc1 pc2 pc3 pc4 phone inet; do
        in_ns "$name" sysctl -q -w net.ipv4.tcp_no_metrics_save=1 net.ipv4.tcp_rmem="4096 131072 6291456" \
            net.ipv4.tcp_wmem="4096 16384 4194304"
    done
    # The web server listens on it too; no name points to it.
    in_ns inet ip address add 2001:db8:53::11/128 dev lo nodad
}

# Counters of the line since the last call: drops up, down; longest queue up, down in ms; lateness.
line_counters()
{
    local counters
    echo >&"$line_to"
    read -r -a counters <&"$line_from"
    echo "line.up.drops ${counters[0]}"
    echo "line.down.drops ${counters[1]}"
    echo "line.up.max_queue_ms ${counters[2]}"
    echo "line.down.max_queue_ms ${counters[3]}"
    echo "emulator.late_max_ms ${counters[4]}"
    echo "emulator.late_p99_ms ${counters[5]}"
}
