# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it. What they install and start is of an $edition, which they set.

peers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PEERS_HOME
PEERS_HOME=$(realpath -m "${PEERS_HOME:-${TMPDIR:-/tmp}/dom-websocket-peers}")
logs=$PEERS_HOME/logs
servers=$peers/servers
clients=$peers/clients

# retry COMMAND...: networks fail at times.
retry() {
    local pause
    for pause in 2 5 10; do
        "$@" && return
        echo "failed, once more in $pause s: $*" >&2
        sleep "$pause"
    done
    "$@"
}

# part NAME PACKAGE...: calls install_NAME unless it has installed just these before.
part() {
    local stamp=$PEERS_HOME/$1.installed
    [[ -e $stamp && $(<"$stamp") == "$*" ]] && return
    echo "installing $1: ${*:2}"
    retry "install_$1" "${@:2}"
    echo "$*" >"$stamp"
}

install_debian() {
    dpkg -s "$@" >/dev/null 2>&1 && return
    echo "installing debian: $*"
    apt-get -qq update &&
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >/dev/null
}

# client NAME SECONDS COMMAND...: makes COMMAND callable as $edition-client-NAME URL close-first|server-closes.
client() {
    local path=$PEERS_HOME/bin/$edition-client-$1
    mkdir -p "$PEERS_HOME/bin"
    printf '#!/bin/sh\nexec timeout -k 5%s "$@"\n' "$(printf ' %q' "${@:2}")" >"$path"
    chmod +x "$path"
}

# The table of servers, with a line for each: name, URL, pid (it leads a process group) and traits,
# parted by tabs.
table() {
    echo "$PEERS_HOME/$edition-servers.tsv"
}

# Below the ports from which the kernel chooses for outgoing connections.
port=$((20000 + RANDOM % 12000))

accepts() {
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# serve NAME TRAITS COMMAND...: starts COMMAND with a free port as its last word, which stays in $port.
serve() {
    local name=$1 traits=$2
    shift 2
    mkdir -p "$logs"
    while accepts $((++port)); do :; done
    setsid "$@" "$port" </dev/null >"$logs/$edition-$name.log" 2>&1 &
    printf '%s\tws://127.0.0.1:%s/echo\t%s\t%s\n' "$name" "$port" $! "$traits" >>"$(table)"
}

# await: waits until all servers of the table accept connections.
await() {
    local name url pid end=$((SECONDS + 30))
    while IFS=$'\t' read -r name url pid _; do
        [[ $url =~ :([0-9]+)/ ]]
        until accepts "${BASH_REMATCH[1]}"; do
            if ! kill -0 "$pid" 2>/dev/null || ((SECONDS >= end)); then
                echo "$name does not accept connections; its log:" >&2
                cat "$logs/$edition-$name.log" >&2
                "$peers/stop" "$edition"
                exit 1
            fi
            sleep 0.1
        done
    done <"$(table)"
}
