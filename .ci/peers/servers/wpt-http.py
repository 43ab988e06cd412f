"""The HTTP side of WPT's server, for what the tests of WebSocket ask of it: arguments are the folder
of the checkout and the port."""

import sys
import threading

from wptserve.server import WebTestHttpd

root, port = sys.argv[1:]
WebTestHttpd(host="127.0.0.1", port=int(port), doc_root=root).start()
threading.Event().wait()
