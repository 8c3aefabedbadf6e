# shellcheck shell=bash
# How the story is told: steps, checks with ✓ and ✗ and their time, figures at the end.

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    readonly green=$'\e[32m' red=$'\e[31m' grey=$'\e[90m' bold=$'\e[1m' plain=$'\e[0m'
else
    readonly green='' red='' grey='' bold='' plain=''
fi

failures=0
figures=()

now_ms() {
    local now=$EPOCHREALTIME
    echo $((${now%[.,]*} * 1000 + 10#${now#*[.,]} / 1000))
}

step() {
    printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

say() {
    printf '    %s\n' "$@"
}

# A figure for the closing note: figure NAME VALUE.
figure() {
    figures+=("$(printf '%-58s %s' "$1" "$2")")
}

print_figures() {
    ((${#figures[@]})) || return 0
    printf '\n%sfigures:%s\n' "$bold" "$plain"
    printf '    %s\n' "${figures[@]}"
}

# Runs a command and tells whether it held. The first line it prints stands beside ✓; under ✗
# stands all it printed. The story goes on: later checks may say more.
check() {
    local what=$1 began took status
    shift
    began=$(now_ms)
    # A subshell of its own, so that the first command that fails ends it: `if` or `||` around
    # the call would switch that off for everything inside.
    set +e
    (
        set -e
        "$@"
    ) >"$scratch/detail" 2>&1
    status=$?
    set -e
    took=$(($(now_ms) - began))
    if ((status == 0)); then
        printf '  %s✓%s %s  %s%s  %s ms%s\n' "$green" "$plain" "$what" "$grey" \
            "$(head -n 1 "$scratch/detail")" "$took" "$plain"
        return
    fi
    failures=$((failures + 1))
    printf '  %s✗ %s%s  %s%s ms%s\n' "$red" "$what" "$plain" "$grey" "$took" "$plain"
    printf '      ran: %s (exit %s)\n' "$*" "$status"
    head -n 40 "$scratch/detail" | sed 's/^/      | /'
}

# A check without which the rest of the story makes no sense.
must() {
    local before=$failures
    check "$@"
    ((failures == before)) || exit 1
}

# Repeats a command until it succeeds; what its last try printed is what is printed.
within() {
    local seconds=$1 deadline output
    shift
    deadline=$(($(now_ms) + seconds * 1000))
    while :; do
        if output=$("$@" 2>&1); then
            printf '%s\n' "$output"
            return 0
        fi
        if (($(now_ms) >= deadline)); then
            printf 'not within %s s; the last try said:\n%s\n' "$seconds" "$output"
            return 1
        fi
        sleep 0.05
    done
}
