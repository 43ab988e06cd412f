"""WPT's server for WebSocket over HTTP/2: arguments are the folder of its handlers, the key, the certificate and the port."""

import sys
import threading

from wptserve.server import Http2WebTestRequestHandler, WebTestHttpd


class Connection:
    """A socket that fails at its end, on which the library would read for ever."""

    def __init__(self, socket):
        self.socket = socket

    def recv(self, size):
        data = self.socket.recv(size)
        if not data:
            raise ConnectionResetError("the client has gone")
        return data

    def __getattr__(self, name):
        return getattr(self.socket, name)


class Handler(Http2WebTestRequestHandler):
    def setup(self):
        super().setup()
        self.request = Connection(self.request)


handlers, key, certificate, port = sys.argv[1:]
WebTestHttpd(host="127.0.0.1", port=int(port), doc_root=handlers, ws_doc_root=handlers, use_ssl=True, key_file=key,
             certificate=certificate, handler_cls=Handler, http2=True).start()
threading.Event().wait()
