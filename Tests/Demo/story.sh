# shellcheck shell=bash
# The story: eight steps, each a function.

readonly service_cidr=10.96.0.0/16
readonly all_alive='a=alive b=alive c=alive'
readonly misdirected_bound_ms=8000

tell_story() {
    start_three_agents
    look_at_members
    apply_a_service
    reach_it_from_everywhere
    kill_a_machine
    cut_the_network
    heal_the_network
    clean_the_tables
}

start_three_agents() {
    step '1  Three machines, one trust, three agents'
    must 'three machines on one bridge, and a stranger' build_machines
    must 'grapevine trust init' trust_init
    local machine
    for machine in "${members[@]}"; do
        must "grapevine trust issue: a bundle for $machine" trust_issue "$machine"
    done
    for machine in "${members[@]}"; do
        start_agent "$machine"
        start_backend_if_any "$machine"
    done
    for machine in "${members[@]}"; do
        must "the agent of $machine answers on its socket" within 20 agent_answers "$machine"
    done
}

build_machines() {
    local machine
    fabric_up
    for machine in "${members[@]}" client; do
        machine_up "$machine" "${address[$machine]}"
        mkdir -p "$(home_of "$machine")"
    done
    for machine in "${members[@]}"; do
        add_foreign_rules "$machine"
        rules_on "$machine" >"$(home_of "$machine")/rules-before"
    done
    within 5 everyone_reaches_everyone
}

# Somebody else's rules, which must be there untouched when we are gone.
add_foreign_rules() {
    on "$1" iptables -w -t nat -N NOT-OURS
    on "$1" iptables -w -t nat -A NOT-OURS -d 192.0.2.1/32 -p tcp -m comment \
        --comment 'somebody else put this here' -j DNAT --to-destination 192.0.2.2:8080
    on "$1" iptables -w -t nat -A OUTPUT -d 192.0.2.0/24 -j NOT-OURS
    on "$1" iptables -w -t filter -A INPUT -s 198.51.100.7/32 -j DROP
}

everyone_reaches_everyone() {
    local from to
    for from in "${members[@]}" client; do
        for to in "${members[@]}"; do
            on "$from" ping -c 1 -W 1 -q "${address[$to]}" >/dev/null ||
                { echo "$from does not reach $to"; return 1; }
        done
    done
    echo "${address[a]}, ${address[b]}, ${address[c]}; the stranger: ${address[client]}"
}

trust_init() {
    "$binary" trust init --dir "$scratch/trust" --cluster demo \
        --service-cidr "$service_cidr" --node-ports 30000-32767
}

trust_issue() {
    "$binary" trust issue --dir "$scratch/trust" --name "$1" --address "${address[$1]}" \
        --out "$(home_of "$1")/bundle"
}

# Machines a and b serve the web; c only uses it.
start_backend_if_any() {
    case $1 in a | b) start_backend "$1" ;; esac
}

look_at_members() {
    step '2  Who is a member'
    local machine
    for machine in "${members[@]}"; do
        must "grapevine members on $machine: three alive" within 20 sees "$machine" "$all_alive"
    done
}

apply_a_service() {
    step '3  One Service, in the YAML of Kubernetes'
    local applied
    must 'the web servers of a and b answer by themselves' within 10 servers_answer
    applied=$(now_ms)
    must 'grapevine apply -f web.yaml on a' grapevine_on a apply -f "$here/web.yaml"
    must 'web has a ClusterIP' within 5 cluster_ip a web
    web_ip=$(cluster_ip a web)
    must 'c, which has no endpoint, reaches it' within 10 answered_by c "$web_ip:80" a
    figure 'apply on a → curl-able on c (with two starts of the program)' "$(($(now_ms) - applied)) ms"
    must 'grapevine apply -f web-b.yaml on b' grapevine_on b apply -f "$here/web-b.yaml"
    must 'web has a NodePort' within 5 node_port a web
    web_port_outside=$(node_port a web)
    must 'all three tell the same address and NodePort' within 10 agreed_on web
    say "web is $web_ip, and port $web_port_outside of every machine"
}

servers_answer() {
    answered_by c "${address[a]}:$web_port" a && answered_by c "${address[b]}:$web_port" b
}

# Every machine tells the same line about a service, with an address in it.
agreed_on() {
    local name=$1 machine lines
    lines=$(for machine in "${members[@]}"; do
        services_on "$machine" | awk -v name="$name" '$1 == name' | grep -v ' none ' ||
            echo "$machine knows no address for $name"
    done)
    if (($(sort -u <<<"$lines" | wc -l) != 1)) || [[ $lines == *'no address'* ]]; then
        printf '%s\n' "$lines"
        return 1
    fi
    head -n 1 <<<"$lines"
}

reach_it_from_everywhere() {
    step '4  Reached from everywhere'
    local machine
    for machine in "${members[@]}"; do
        must "curl on $machine: both servers get their share" within 10 shared_by "$machine" "$web_ip:80" a b
    done
    for machine in "${members[@]}"; do
        check "the stranger, through the NodePort of $machine" \
            shared_by client "${address[$machine]}:$web_port_outside" a b
    done
    must 'no agent has ended unasked' all_agents_run
    must 'status tells what gossip has cost' gossip_bytes a
    say 'five seconds of rest, measured'
    measure_idle 5
}

all_agents_run() {
    local machine
    for machine in "${members[@]}"; do
        [[ -e /proc/${agent_pid[$machine]} ]] || { echo "the agent of $machine has ended"; return 1; }
    done
}

kill_a_machine() {
    step '5  A machine dies'
    local killed
    begin_calls a "$web_ip:80"
    begin_calls c "$web_ip:80"
    must 'a and c connect twenty times a second' within 20 calls_are_well 0 nobody
    killed=$(now_ms)
    kill -9 "${agent_pid[b]}" "${backend_pid[b]}"
    say 'kill -9: agent and web server of b'
    must 'connections go to a alone' within 20 calls_are_well "$killed" b
    end_calls
    check 'no new connection went to b after a few seconds' \
        misdirected_within "$killed" b "$misdirected_bound_ms"
    figure 'kill → last misdirected connection' "$(last_misdirected "$killed" b) ms"
    check 'a and c no longer call b alive' within 20 survivors_see_it
    start_agent b
    start_backend b
    must 'b starts again, and all see three alive' within 30 everyone_sees "$all_alive"
    must 'b gets its share again' within 20 shared_by c "$web_ip:80" a b
}

survivors_see_it() {
    sees a 'a=alive b=(suspect|dead) c=alive' && sees c 'a=alive b=(suspect|dead) c=alive'
}

cut_the_network() {
    step '6  The network is cut: a | b c'
    cut a b c
    must 'each side misses the other' within 30 sides_miss_each_other
    check 'the cut swallows packets' something_swallowed
    check 'a goes on serving, from its own server' within 15 answered_every_time a "$web_ip:80" a
    check 'b goes on serving, from its own server' within 15 answered_every_time b "$web_ip:80" b
    check 'c goes on serving, from the server of b' within 15 answered_every_time c "$web_ip:80" b
    local number
    for number in 1 2 3; do
        must "a declares left-$number" allocate "left-$number" a
        must "b declares right-$number" allocate "right-$number" b
    done
    must 'a declares shared' allocate shared a
    must 'b declares shared, too' allocate shared b
    check 'left-1 answers on a' within 10 reached_by_name a left-1 a
    check 'right-1 answers on c' within 10 reached_by_name c right-1 b
    check 'shared answers on a, from a' within 10 reached_by_name a shared a
    check 'shared answers on c, from b' within 10 reached_by_name c shared b
}

sides_miss_each_other() {
    sees a 'a=alive b=(suspect|dead) c=(suspect|dead)' &&
        sees b 'a=(suspect|dead) b=alive c=alive' &&
        sees c 'a=(suspect|dead) b=alive c=alive'
}

something_swallowed() {
    local count
    count=$(swallowed)
    echo "$count packets"
    ((count > 0))
}

answered_every_time() {
    local answers
    answers=$(answers_to "$1" "$2" 30) || { echo "$1 → $2: $answers"; return 1; }
    echo "$1 → $2: 30 connections"
    ! grep -vx "$3" <<<"$answers"
}

# Declares a service on a machine, which gives it an address at once, whoever is away.
allocate() {
    declare_service "$1" "$2" && within 5 cluster_ip "$2" "$1"
}

# As answered_by, with a machine's own address for the service.
reached_by_name() {
    local from=$1 name=$2 ip
    shift 2
    ip=$(cluster_ip "$from" "$name") || { echo "$ip"; return 1; }
    answered_by "$from" "$ip:80" "$@"
}

heal_the_network() {
    step '7  The network heals'
    local healed machine name
    healed=$(now_ms)
    heal
    must 'all three have one view and see three alive' within 60 one_view 8
    figure 'heal → one view on all three' "$(($(now_ms) - healed)) ms"
    for name in left-{1,2,3} right-{1,2,3} shared web; do
        must "one address for $name" within 10 agreed_on "$name"
    done
    check 'no agent has ended unasked' all_agents_run
    check 'no two services share an address' addresses_differ 8
    check 'web kept its address' test "$(cluster_ip c web)" = "$web_ip"
    for machine in "${members[@]}"; do
        check "shared on $machine: both declarers get their share" \
            within 10 shared_by "$machine" "$(cluster_ip "$machine" shared):80" a b
    done
    check 'a reaches what b allocated' within 10 reached_by_name a right-3 b
    check 'c reaches what a allocated' within 10 reached_by_name c left-3 a
}

# Equal digests, three alive, so many services: on every machine.
one_view() {
    local machine lines
    lines=$(for machine in "${members[@]}"; do
        status_on "$machine" \
            '"%s, %d alive, %d services" % (it["viewDigest"], it["members"]["alive"], it["services"])' || true
    done)
    if (($(sort -u <<<"$lines" | wc -l) != 1)) || [[ $lines != *", 3 alive, $1 services"* ]]; then
        printf 'a, b and c tell:\n%s\n' "$lines"
        return 1
    fi
    echo "view ${lines%%$'\n'*}"
}

addresses_differ() {
    local distinct
    distinct=$(services_on c | awk '{ print $2 }' | grep -vx none | sort -u | wc -l)
    echo "$distinct addresses"
    (($1 == distinct)) || services_on c
    (($1 == distinct))
}

clean_the_tables() {
    step '8  Nothing is left'
    local machine
    must 'the agent of c stops' stop_agent c
    check 'its rules are still there, and serve' within 5 answered_by c "$web_ip:80" a b
    for machine in "${members[@]}"; do
        check "grapevine table cleanup on $machine" grapevine_on "$machine" table cleanup
    done
    sleep 1 # An agent that put its rules back would do so within this second.
    for machine in "${members[@]}"; do
        check "$machine: only the rules that were there before us" rules_as_before "$machine"
    done
}

rules_as_before() {
    rules_on "$1" | diff "$(home_of "$1")/rules-before" - ||
        { echo '(< before us, > now)'; return 1; }
    echo "$(wc -l <"$(home_of "$1")/rules-before") foreign rules and chains, no GV-"
    ! rules_on "$1" | grep GV-
}
