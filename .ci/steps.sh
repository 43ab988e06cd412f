# shellcheck shell=bash
# Sourced by the gate: its steps, what goes on meanwhile, and the table of what they took.

results=$(mktemp -d)
rows=()
declare -A running
current=
failure=

# Seconds of processor that the commands that have ended took, those in the background too.
processor() {
    local user system
    times >"$results/times"
    { read -r _ && read -r user system; } <"$results/times"
    used=$(($(in_seconds "$user") + $(in_seconds "$system")))
}

# in_seconds 1m2.345s
in_seconds() {
    local seconds=${1#*m}
    echo $((60 * ${1%m*} + ${seconds%%[.,]*}))
}

# row NAME SECONDS PROCESSOR
row() {
    printf -v "rows[${#rows[@]}]" '%-44s %6s %6s' "$@"
}

# step NAME: what follows is this, until the next one or the end.
step() {
    check_background
    finish_step
    current=$* began=$SECONDS
    processor
    began_used=$used
    printf '\n== %s (%s s)\n' "$current" "$SECONDS"
}

finish_step() {
    [[ $current ]] || return 0
    processor
    row "$current" $((SECONDS - began)) $((used - began_used))
    current=
}

# background NAME COMMAND...: runs it meanwhile. What it prints is kept until `await`, or until it fails, in a file of this name.
background() {
    local name=$1
    shift
    # With job control each has a process group of its own, by which it can be stopped with all that it started.
    set -m
    (
        set +m
        SECONDS=0
        trap 'times >"$results/$name.times"; echo "$SECONDS" >"$results/$name.seconds"' EXIT
        "$@"
    ) >"$results/$name.log" 2>&1 </dev/null &
    running[$name]=$!
    set +m
}

# await NAME...: waits for those that have not been waited for, and fails with the first that fails.
await() {
    local name user system status
    for name; do
        [[ ${running[$name]+is} ]] || continue
        status=0
        wait "${running[$name]}" || status=$?
        unset "running[$name]"
        printf -- '\n-- %s\n' "$name"
        cat "$results/$name.log"
        { read -r _ && read -r user system; } <"$results/$name.times"
        used=$(($(in_seconds "$user") + $(in_seconds "$system")))
        began_used=$((began_used + used))
        row "  meanwhile: $name" "$(<"$results/$name.seconds")" "$used"
        if ((status)); then
            current="$name, exit status $status"
            reasons "$name"
            exit "$status"
        fi
    done
}

# reasons NAME: what it says of its failure, for whoever sees no more of this than its end.
reasons() {
    failure=$(grep -aE -A3 'UNEXPECTED|panicked at|FAILED|^error|[Ff]ailed:|not as expected' "$results/$1.log" | tail -n 20 || true)
    failure=${failure:-$(tail -n 10 "$results/$1.log")}
}

await_all() {
    await "${!running[@]}"
}

# What has failed meanwhile need not be waited for.
check_background() {
    local name
    for name in "${!running[@]}"; do
        [[ -e $results/$name.seconds ]] && await "$name"
    done
    return 0
}

# report STATUS: the table, at the end, however it comes.
report() {
    local status=$1 name
    for name in "${!running[@]}"; do
        kill -- "-${running[$name]}" 2>/dev/null || true
    done
    if ((status)); then
        printf '\n'
        row "FAILED: $current" "$((SECONDS - began))" ''
    else
        finish_step
    fi
    printf '\n%-44s %6s %6s\n' step seconds of\ CPU
    printf '%s\n' "${rows[@]}"
    printf '%-44s %6s\n' all "$SECONDS"
    [[ ! $failure ]] || printf '\n%s\n' "$failure"
    rm -rf "$results"
}
