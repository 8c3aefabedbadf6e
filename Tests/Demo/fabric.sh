# shellcheck shell=bash
# Machines made of network namespaces, and a bridge that stands outside them.
#
# A run owns namespaces named `$run-NAME`, one of them (`$run-fabric`) holding nothing but the
# bridge and the far ends of the machines' cables. Nothing is created in the host's own
# network: taking the namespaces away takes everything away.

# Machines have names; addresses are ours alone, for they exist only inside.
readonly fabric_prefix=24

fabric_needs() {
    local tool missing=()
    for tool in ip nft curl ping python3 iptables iptables-save; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    ((${#missing[@]} == 0)) || { echo "missing programs: ${missing[*]}; \`make setup\` brings them"; return 1; }
    ((EUID == 0)) || { echo "network namespaces need root; try:  sudo make demo"; return 1; }
    local probe="$run-probe"
    ip netns add "$probe" 2>/dev/null ||
        { echo "this kernel or container lets nobody make network namespaces (ip netns add)"; return 1; }
    local rules=0
    ip netns exec "$probe" iptables -t nat -S >/dev/null 2>&1 || rules=$?
    ip netns del "$probe"
    ((rules == 0)) || { echo "iptables has no nat table here (iptables -t nat -S, exit $rules)"; return 1; }
}

# Runs a command on a machine.
on() {
    local machine=$1
    shift
    ip netns exec "$run-$machine" "$@"
}

# Starts a program on a machine and leaves it running; `launched` is its process. (Behind `on` it
# would be that of a shell that waits.)
launch() {
    local machine=$1
    shift
    ip netns exec "$run-$machine" "$@" </dev/null &
    launched=$!
    disown
}

# The bridge, without machines yet.
fabric_up() {
    ip netns add "$run-fabric"
    ip -n "$run-fabric" link add name bridge type bridge forward_delay 0 mcast_snooping 0
    ip -n "$run-fabric" link set dev bridge up
    # Where the kernel would show bridged packets to iptables, it must not: cables have no opinion.
    on fabric sh -c 'for knob in /proc/sys/net/bridge/bridge-nf-call-*; do
        [ ! -e "$knob" ] || echo 0 >"$knob"; done'
}

# A machine with one cable to the bridge, and no route but to its neighbours.
machine_up() {
    local machine=$1 address=$2
    ip netns add "$run-$machine"
    on "$machine" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
        echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6' 2>/dev/null || true
    ip -n "$run-fabric" link add name "$machine" type veth peer name eth0 netns "$run-$machine"
    ip -n "$run-fabric" link set dev "$machine" master bridge up
    ip -n "$run-$machine" link set lo up
    ip -n "$run-$machine" addr add "$address/$fabric_prefix" dev eth0
    ip -n "$run-$machine" link set eth0 up
}

# Cuts one machine off from the others named, both ways, every kind of packet.
cut() {
    local lonely=$1 others
    shift
    others=$(printf '"%s", ' "$@")
    on fabric nft -f - <<RULES
table bridge partition {
    chain forward {
        type filter hook forward priority 0; policy accept;
        iifname "$lonely" oifname { ${others%, } } counter drop
        iifname { ${others%, } } oifname "$lonely" counter drop
    }
}
RULES
}

heal() {
    on fabric nft delete table bridge partition
}

# Packets that the cut has swallowed: a cut that swallows nothing cuts nothing.
swallowed() {
    on fabric nft list table bridge partition |
        awk '/counter packets/ { for (i = 1; i < NF; i++) if ($i == "packets") sum += $(i + 1) }
             END { print sum + 0 }'
}

# Ends what runs in this run's namespaces, then the namespaces themselves.
fabric_down() {
    local name
    for name in $(namespaces_of "$run"); do
        end_processes "$name"
        ip netns del "$name" 2>/dev/null || true
    done
}

namespaces_of() {
    ip netns list | awk -v prefix="$1-" 'index($1, prefix) == 1 { print $1 }'
}

# Kills until none is left, for a process may have had a child in the meantime.
end_processes() {
    local pids round
    for round in 1 2 3 4 5; do
        mapfile -t pids < <(ip netns pids "$1" 2>/dev/null)
        ((${#pids[@]})) || return 0
        kill -9 "${pids[@]}" 2>/dev/null || true
        sleep "0.0$round"
    done
}

# Removes what runs of this kind left behind whose own process is gone: killed before it could
# tidy up, or told to keep everything.
sweep_orphans() {
    local owner name left
    ip netns list | awk -v kind="$kind" 'index($1, kind "-") == 1 { print $1 }' | while read -r name; do
        owner=${name#"$kind-"}
        owner=${owner%%-*}
        [[ $owner =~ ^[0-9]+$ && ! -e /proc/$owner ]] || continue
        end_processes "$name"
        ip netns del "$name" 2>/dev/null || true
    done
    for left in /tmp/"$kind"-*; do
        owner=${left##*-}
        [[ $owner =~ ^[0-9]+$ && ! -e /proc/$owner ]] || continue
        rm -rf "$left"
    done
}
