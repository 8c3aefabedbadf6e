# shellcheck shell=bash
# What is measured while the story is told.

# Lets a machine connect to HOST:PORT again and again, until `end_calls`.
declare -A caller_pid=()
begin_calls() {
    local machine=$1
    : >"$scratch/calls-$machine"
    launch "$machine" "$here/caller" "$2" "$scratch/calls-$machine" >/dev/null 2>&1
    caller_pid[$machine]=$launched
}

end_calls() {
    kill -9 "${caller_pid[@]}" 2>/dev/null || true
    caller_pid=()
}

# Whether the last 40 connections of each caller, all begun after a moment, were answered by
# machines other than the dead one.
calls_are_well() {
    local since=$1 dead=$2 machine good
    for machine in "${!caller_pid[@]}"; do
        good=$(tail -n 40 "$scratch/calls-$machine" |
            awk -v since="$since" -v dead="$dead" '$1 > since && $2 != "failed" && $2 != dead' | wc -l)
        ((good == 40)) || { echo "$machine: $good of its last 40 connections were well"; return 1; }
    done
}

# Milliseconds from a moment to the beginning of the last connection that went wrong after it.
last_misdirected() {
    cat "$scratch"/calls-* | awk -v since="$1" -v dead="$2" '
        $1 > since && ($2 == "failed" || $2 == dead) && $1 - since > last { last = $1 - since }
        END { print last + 0 }'
}

misdirected_within() {
    local since=$1 dead=$2 bound=$3 last wrong all
    last=$(last_misdirected "$since" "$dead")
    all=$(cat "$scratch"/calls-* | awk -v since="$since" '$1 > since' | wc -l)
    wrong=$(cat "$scratch"/calls-* |
        awk -v since="$since" -v dead="$dead" '$1 > since && ($2 == "failed" || $2 == dead)' | wc -l)
    echo "the last after $last ms; $wrong of $all connections went wrong"
    ((last <= bound)) || { echo "wanted: none later than $bound ms"; return 1; }
}

# Bytes a machine has sent and received, Ethernet, IP and UDP headers included.
bytes_of() {
    on "$1" sh -c 'cat /sys/class/net/eth0/statistics/tx_bytes /sys/class/net/eth0/statistics/rx_bytes' |
        paste -sd ' '
}

# CPU time of a process so far, in clock ticks; its name may hold spaces.
ticks_of() {
    sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# Bytes of datagrams an agent has sent and received, as it counts them itself.
gossip_bytes() {
    status_on "$1" '"%d %d" % (it["gossip"]["bytesSent"], it["gossip"]["bytesReceived"])'
}

# Lets everything rest and writes down what resting costs.
measure_idle() {
    local seconds=$1 machine
    local -A counted=() wire=() ticks=()
    for machine in "${members[@]}"; do
        counted[$machine]=$(gossip_bytes "$machine")
        wire[$machine]=$(bytes_of "$machine")
        ticks[$machine]=$(ticks_of "${agent_pid[$machine]}")
    done
    sleep "$seconds"
    for machine in "${members[@]}"; do
        figure "idle, $machine: CPU, resident memory" \
            "$(cpu_percent "$machine" "${ticks[$machine]}" "$seconds"), $(resident "$machine")"
        figure "idle, $machine: bytes/s sent, received (datagrams)" \
            "$(rates "${counted[$machine]}" "$(gossip_bytes "$machine")" "$seconds")"
        figure "idle, $machine: bytes/s sent, received (with all headers)" \
            "$(rates "${wire[$machine]}" "$(bytes_of "$machine")" "$seconds")"
    done
}

# Two counts before, the same two after, and the seconds between.
rates() {
    local before after
    read -ra before <<<"$1"
    read -ra after <<<"$2"
    echo "$(((after[0] - before[0]) / $3)), $(((after[1] - before[1]) / $3))"
}

cpu_percent() {
    awk -v ticks=$(($(ticks_of "${agent_pid[$1]}") - $2)) -v hertz="$(getconf CLK_TCK)" \
        -v seconds="$3" 'BEGIN { printf "%.1f %%", 100 * ticks / hertz / seconds }'
}

resident() {
    awk '/^VmRSS:/ { printf "%.1f MiB", $2 / 1024 }' "/proc/${agent_pid[$1]}/status"
}
