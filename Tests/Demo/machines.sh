# shellcheck shell=bash
# What runs on a machine: an agent, a web server, and someone who asks them.

readonly gossip_port=7747 web_port=8080
declare -A address=([a]=10.77.0.11 [b]=10.77.0.12 [c]=10.77.0.13 [client]=10.77.0.20)
readonly members=(a b c)
declare -A agent_pid=() backend_pid=()

home_of() { echo "$scratch/$1"; }

# Asks a machine's own agent.
grapevine_on() {
    local machine=$1
    shift
    on "$machine" timeout 20 "$binary" --socket "$(home_of "$machine")/grapevine.sock" "$@"
}

# The agent as a service manager would start it; its words go to a file beside its data.
start_agent() {
    local machine=$1 other peers=()
    for other in "${members[@]}"; do
        [[ $other == "$machine" ]] || peers+=(--peer "${address[$other]}:$gossip_port")
    done
    local home
    home=$(home_of "$machine")
    launch "$machine" "$binary" agent --bundle "$home/bundle" --data-dir "$home/data" \
        --socket "$home/grapevine.sock" --bind "${address[$machine]}:$gossip_port" \
        "${peers[@]}" --log-level info >>"$home/agent.log" 2>&1
    agent_pid[$machine]=$launched
}

start_backend() {
    local machine=$1
    launch "$machine" "$python" "$here/backend.py" "$machine" "${address[$machine]}" "$web_port" \
        >>"$(home_of "$machine")/backend.log" 2>&1
    backend_pid[$machine]=$launched
}

# Stops an agent as a service manager would, and waits until it is gone.
stop_agent() {
    local pid=${agent_pid[$1]}
    kill -TERM "$pid" || return
    within 10 is_gone "$pid"
}

is_gone() {
    [[ ! -e /proc/$1 ]] || { echo "process $1 still runs"; return 1; }
}

agent_answers() {
    if [[ ! -e /proc/${agent_pid[$1]} ]]; then
        echo "the agent of $1 has ended; its last words:"
        tail -n 20 "$(home_of "$1")/agent.log"
        return 1
    fi
    status_on "$1" 'it["name"]'
}

# Answers one question about a machine's status. Exit 3 means: answered, and not all is well.
status_on() {
    local answer code=0
    answer=$(grapevine_on "$1" status -o json) || code=$?
    ((code == 0 || code == 3)) || { echo "$1: status failed with exit $code: $answer"; return 1; }
    json "$2" <<<"$answer"
}

# One Service with one endpoint, as its author would write it: service_yaml NAME MACHINE.
service_yaml() {
    local name=$1 machine=$2
    sed -e "s/NAME/$name/" -e "s/MACHINE/$machine/" -e "s/ADDRESS/${address[$machine]}/" \
        "$here/service.yaml"
}

declare_service() {
    service_yaml "$1" "$2" | grapevine_on "$2" apply -f -
}

# Answers one question about the JSON on standard input: a Python expression over `it`.
json() {
    "$python" -S -c 'import json, sys
it = json.load(sys.stdin)
answer = eval(sys.argv[1])
print(*answer, sep="\n") if isinstance(answer, (list, tuple)) else print(answer)' "$1"
}

states_on() {
    local listing
    listing=$(grapevine_on "$1" members -o json) || return
    json '[m["name"] + "=" + m["state"] for m in sorted(it["items"], key=lambda m: m["name"])]' \
        <<<"$listing" | paste -sd ' '
}

# Whether a machine sees its members so: a pattern such as `a=alive b=(suspect|dead) c=alive`.
sees() {
    local machine=$1 wanted=$2 found
    found=$(states_on "$machine") || { echo "$machine: members failed: $found"; return 1; }
    echo "$machine sees $found"
    [[ $found =~ ^$wanted$ ]] || { echo "wanted $wanted"; return 1; }
}

everyone_sees() {
    local machine
    for machine in "${members[@]}"; do sees "$machine" "$1" || return; done
}

services_on() {
    local listing
    listing=$(grapevine_on "$1" get services -o json) || return
    # A service without an address has the word `none` in its place.
    json '[" ".join([s["metadata"]["name"], s["spec"].get("clusterIP") or "none",
        str(s["spec"]["ports"][0].get("nodePort") or "none")])
        for s in sorted(it["items"], key=lambda s: s["metadata"]["name"])]' <<<"$listing"
}

# The address of a service as a machine sees it; fails while there is none.
cluster_ip() {
    services_on "$1" | awk -v name="$2" '$1 == name && $2 != "none" { print $2; found = 1 }
        END { if (!found) { print "no address for " name; exit 1 } }'
}

node_port() {
    services_on "$1" | awk -v name="$2" '$1 == name && $3 != "none" { print $3; found = 1 }
        END { if (!found) { print "no NodePort for " name; exit 1 } }'
}

# Who answers, one line a connection: answers_to MACHINE HOST:PORT COUNT.
answers_to() {
    on "$1" curl --silent --show-error --noproxy '*' --max-time 2 --header 'Connection: close' \
        "http://$2/[1-$3]"
}

# One connection, and one of the named machines answers it.
answered_by() {
    local from=$1 to=$2 answer
    shift 2
    answer=$(answers_to "$from" "$to" 1) || { echo "$from → $to: $answer"; return 1; }
    echo "$from → $to: $answer"
    [[ " $* " == *" $answer "* ]] || { echo "wanted one of: $*"; return 1; }
}

# All of many connections are answered by these machines, and each has at least a fifth of them.
shared_by() {
    local from=$1 to=$2 count=60 answers machine share summary="$1 → $2:" status=0
    shift 2
    answers=$(answers_to "$from" "$to" "$count") || { echo "$from → $to: $answers"; return 1; }
    for machine in "$@"; do
        share=$(($(grep -cx "$machine" <<<"$answers") * 100 / count)) || true
        summary+=" $machine $share %"
        ((share >= 20)) || status=1
    done
    [[ -z $(grep -vxE "$(IFS='|'; echo "$*")" <<<"$answers") ]] || status=1
    echo "$summary of $count connections"
    ((status == 0)) || { echo "who answered how often:"; sort <<<"$answers" | uniq -c; return 1; }
}

# The rules and chains of a machine without counters and comments, each with its table.
rules_on() {
    local save
    for save in iptables-save iptables-legacy-save; do
        command -v "$save" >/dev/null || continue
        on "$1" "$save" 2>/dev/null |
            awk '/^\*/ { table = $1 } /^-A/ || /^:[^ ]+ -/ { sub(/ \[[0-9:]+\]$/, ""); print table, $0 }'
    done
}
