"""The HTTP side of WPT's server, for what the tests of WebSocket ask of it: arguments are the folder
of the checkout and the port."""

import json
import sys
import threading

from wptserve.handlers import handler
from wptserve.routes import routes
from wptserve.server import WebTestHttpd

# WPT's stash, of which checkouts need not have the handlers: what one request leaves there another takes.
stash = {}


@handler
def put(request, response):
    stash[request.GET.first(b"key")] = request.GET.first(b"value").decode()
    return "OK"


@handler
def take(request, response):
    return json.dumps(stash.pop(request.GET.first(b"key"), None))


root, port = sys.argv[1:]
stash_routes = [
    ("GET", "/fetch/api/resources/stash-put.py", put),
    ("GET", "/fetch/api/resources/stash-take.py", take),
]
WebTestHttpd(host="127.0.0.1", port=int(port), doc_root=root, routes=stash_routes + routes).start()
threading.Event().wait()
