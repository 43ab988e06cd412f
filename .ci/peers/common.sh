# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it. What they install and start is of an $edition, which they set.

peers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PEERS_HOME
PEERS_HOME=$(realpath -m "${PEERS_HOME:-${TMPDIR:-/tmp}/dom-websocket-peers}")
logs=$PEERS_HOME/logs
servers=$peers/servers
clients=$peers/clients
netty=$(printf ':/usr/share/java/netty-%s.jar' buffer codec codec-http common handler resolver transport)
netty=$PEERS_HOME/netty$netty

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

# oldest_compiler: has cargo call that of install-msrv, in a target folder of its own.
oldest_compiler() {
    local root=$PEERS_HOME/msrv/root/usr
    export RUSTC=$root/bin/rustc CARGO_TARGET_DIR=$PEERS_HOME/msrv/target
    LD_LIBRARY_PATH=$root/lib/$(gcc -print-multiarch)
    export LD_LIBRARY_PATH
    # Clippy's driver is another compiler.
    unset RUSTC_WORKSPACE_WRAPPER
}

install_debian() {
    dpkg -s "$@" >/dev/null 2>&1 && return
    echo "installing debian: $*"
    apt-get -qq update &&
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >/dev/null
}

# dormant SERVICE PACKAGE...: installs what Debian starts at once and with the machine, and lets it sleep:
# our own scripts start it, in their own way.
dormant() {
    local service=$1 policy=/usr/sbin/policy-rc.d
    shift
    dpkg -s "$@" >/dev/null 2>&1 && return
    if ! [[ -e $policy ]]; then
        trap "rm -f $policy" EXIT
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
    fi
    retry install_debian "$@"
    # Some have no script of init's.
    if [[ -e /etc/init.d/$service ]]; then
        update-rc.d "$service" disable
    elif type systemctl >/dev/null 2>&1; then
        systemctl --quiet disable "$service"
    fi
}

# client NAME COMMAND...: makes COMMAND callable as $edition-client-NAME URL close-first|server-closes. A browser on a machine that has
# much else to do takes a minute to start.
client() {
    local path=$PEERS_HOME/bin/$edition-client-$1
    mkdir -p "$PEERS_HOME/bin"
    printf '#!/bin/sh\nexec timeout -k 5 240%s "$@"\n' "$(printf ' %q' "${@:2}")" >"$path"
    chmod +x "$path"
}

# The table of servers, with a line for each: name, URL, pid (it leads a process group) and traits,
# parted by tabs.
table() {
    echo "$PEERS_HOME/$edition-servers.tsv"
}

# The next port to try: below those from which the kernel chooses for outgoing connections.
next=$((20000 + RANDOM % 12000))

accepts() {
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# launch NAME PORTS COMMAND...: starts COMMAND with the first of so many free ports as its last word; they
# stay in $port and $pid.
launch() {
    local name=$1 ports=$2 free=0
    shift 2
    mkdir -p "$logs"
    while ((free < ports)); do
        if accepts "$next"; then free=0; else ((++free)); fi
        ((++next))
    done
    port=$((next - ports))
    setsid "$@" "$port" </dev/null >"$logs/$edition-$name.log" 2>&1 &
    pid=$!
}

# offer NAME URL [TRAITS]: enters what was launched last into the table.
offer() {
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$pid" "${3-}" >>"$(table)"
}

# serve NAME TRAITS COMMAND...: launches COMMAND with one port, and offers its echo there.
serve() {
    launch "$1" 1 "${@:3}"
    offer "$1" "ws://127.0.0.1:$port/echo" "$2"
}

# await: waits until all servers of the table accept connections.
await() {
    local name url pid end=$((SECONDS + 120))
    while IFS=$'\t' read -r name url pid _; do
        [[ $url =~ :([0-9]+) ]]
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
