"""Writes the suite's two settings files: configure.py FOLDER sample|full."""

import json
import pathlib
import socket
import sys

folder, extent = pathlib.Path(sys.argv[1]), sys.argv[2]

# One case of each group: 12.1 to 12.5 and 13.1 to 13.7 differ in data and in parameters, their cases in sizes.
sample = [f"12.{group}.{group + 2}" for group in range(1, 6)]
sample += [f"13.{group}.{group + 2}" for group in range(1, 8)]
core = [f"{chapter}.*" for chapter in (1, 2, 3, 4, 5, 6, 7, 9, 10)]
cases = core + (["12.*", "13.*"] if extent == "full" else sample)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


server, client = free_port(), free_port()
while client == server:
    client = free_port()
(folder / "server-port").write_text(str(server))
(folder / "client-port").write_text(str(client))
common = {"cases": cases, "exclude-cases": [], "exclude-agent-cases": {}}
(folder / "fuzzingserver.json").write_text(
    json.dumps(common | {"url": f"ws://127.0.0.1:{server}", "outdir": "./reports/clients"})
)
servers = [{"agent": "dom-websocket", "url": f"ws://127.0.0.1:{client}"}]
(folder / "fuzzingclient.json").write_text(
    json.dumps(common | {"servers": servers, "outdir": "./reports/servers"})
)
