# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it.

peers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PEERS_HOME
PEERS_HOME=$(realpath -m "${PEERS_HOME:-${TMPDIR:-/tmp}/dom-websocket-peers}")

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
