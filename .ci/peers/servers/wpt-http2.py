"""WPT's server for WebSocket over HTTP/2: arguments are the folder of its handlers, the key, the certificate and the port."""

import sys
import threading

from wptserve.server import Http2WebTestRequestHandler, WebTestHttpd

handlers, key, certificate, port = sys.argv[1:]
WebTestHttpd(host="127.0.0.1", port=int(port), doc_root=handlers, ws_doc_root=handlers, use_ssl=True, key_file=key,
             certificate=certificate, handler_cls=Http2WebTestRequestHandler, http2=True).start()
threading.Event().wait()
