"""WPT's server for WebSocket over HTTP/2: arguments are the folder of its handlers, the key, the certificate and the port.

The library's own knows no flow control, leaves connections and streams that are at their end as they are, and reads all handlers
anew for each stream.
"""

import sys
import threading
import time

from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from pywebsocket3 import dispatch
from pywebsocket3.handshake import AbortedByUserException
from wptserve import server

Library = server.Http2WebTestRequestHandler
serve_stream = Library._stream_ws_sub_thread


class Socket:
    """One that fails at its end, on which the library would read for ever."""

    def __init__(self, socket):
        self.socket = socket

    def recv(self, size):
        data = self.socket.recv(size)
        if not data:
            raise ConnectionResetError("the client has gone")
        return data

    def __getattr__(self, name):
        return getattr(self.socket, name)


class Handler(Library):
    def setup(self):
        super().setup()
        self.request = Socket(self.request)

    def serve_stream(self, request, stream, queue):
        try:
            serve_stream(self, request, stream, queue)
        except AbortedByUserException:
            with stream.conn as connection:
                connection.reset_stream(stream.h2_stream_id, ErrorCodes.CANCEL)
                stream.request.sendall(connection.data_to_send())
            queue.put(None)


class Connection(server._WebSocketConnection):
    """A stream that keeps to windows, and makes room in its own for what has been read."""

    def read(self, length):
        stream = self._request_handler
        parts = []
        while length:
            part = stream.rfile.read1(length)
            if not part:
                break
            length -= len(part)
            parts.append(part)
            with stream.conn as connection:
                try:
                    connection.acknowledge_received_data(len(part), stream.h2_stream_id)
                    stream.request.sendall(connection.data_to_send())
                except (ProtocolError, OSError):
                    pass  # It has ended.
        return b"".join(parts)

    def write(self, data):
        stream = self._request_handler
        while data:
            with stream.conn as connection:
                room = min(connection.local_flow_control_window(stream.h2_stream_id), connection.max_outbound_frame_size)
                if room > 0:
                    connection.send_data(stream.h2_stream_id, data[:room])
                    stream.request.sendall(connection.data_to_send())
                    data = data[room:]
                    continue
            time.sleep(0.01)


Library._stream_ws_sub_thread = Handler.serve_stream
server._WebSocketConnection = Connection
handlers, key, certificate, port = sys.argv[1:]
dispatcher = dispatch.Dispatcher(handlers, None, False)
dispatch.Dispatcher = lambda *_: dispatcher
server.WebTestHttpd(host="127.0.0.1", port=int(port), doc_root=handlers, ws_doc_root=handlers, use_ssl=True, key_file=key,
                    certificate=certificate, handler_cls=Handler, http2=True).start()
threading.Event().wait()
