"""WPT's server for WebSocket over HTTP/2: arguments are the folder of its handlers, the key, the certificate and the port.

The library's own knows no flow control, leaves connections that are at their end as they are, throws away what a client has sent
just before the end of its stream, and reads all handlers anew for each stream.
"""

import sys
import threading
import time

from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes
from pywebsocket3 import dispatch
from pywebsocket3.handshake import AbortedByUserException, HandshakeException
from wptserve import server

Library = server.Http2WebTestRequestHandler


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


class Http2(H2Connection):
    """A connection whose streams have more than 64 KiB at a time, and on which one that nobody reads keeps no other one waiting."""

    def initiate_connection(self):
        self.local_settings[SettingCodes.INITIAL_WINDOW_SIZE] = 2**20
        self.local_settings.acknowledge()
        super().initiate_connection()
        self.increment_flow_control_window(2**31 - 1 - self.inbound_flow_control_window)


class Guard(server.H2ConnectionGuard):
    """A lock for each connection: the library's has one for all."""

    def __init__(self, connection):
        super().__init__(connection)
        self.lock = threading.Lock()


class Stream(server._WebSocketConnection):
    """A stream that keeps to windows, makes room in its own for what has been read, and has an end behind what came before it."""

    def __init__(self, copy, response):
        super().__init__(copy, response)
        self.id = copy.h2_stream_id
        self.guard = copy.conn
        self.socket = copy.request
        self.handler = copy.handler
        self.frames = copy.rfile
        self.received = b""
        self.has_ended = False

    def read(self, length):
        parts = []
        while length:
            if not self.received:
                if self.has_ended:
                    break
                self.receive()
                continue
            part = self.received[:length]
            self.received = self.received[length:]
            length -= len(part)
            parts.append(part)
        return b"".join(parts)

    def receive(self):
        frame = self.frames.get()
        if not isinstance(frame, DataReceived):
            self.has_ended = True
            return
        self.received = frame.data
        self.has_ended = bool(frame.stream_ended)
        try:
            self.send(lambda connection: connection.acknowledge_received_data(frame.flow_controlled_length, self.id))
        except (ProtocolError, OSError):
            pass  # It has ended; what came before counts.

    def write(self, data):
        while data:
            with self.guard as connection:
                if self.handler.close_connection or connection.streams[self.id].closed:
                    raise ConnectionResetError("the client has ended it")
                room = min(connection.local_flow_control_window(self.id), connection.max_outbound_frame_size)
                if room > 0:
                    connection.send_data(self.id, data[:room])
                    self.socket.sendall(connection.data_to_send())
                    data = data[room:]
                    continue
            time.sleep(0.01)

    def send(self, what):
        with self.guard as connection:
            what(connection)
            self.socket.sendall(connection.data_to_send())


class Handler(Library):
    def setup(self):
        super().setup()
        self.request = Socket(self.request)

    def serve(self, _, frames):
        """As the library's, in one thread: a frame is taken when it is read."""
        opened = frames.get()
        if opened is None:
            return
        copy = server.H2HandlerCopy(self, opened, frames)
        copy.handler = self
        response = server.H2Response(copy, server.H2Request(copy))
        if not dispatcher.get_handler_suite(copy.path):
            response.set_error(404)
            response.write()
            return
        request = server._WebSocketRequest(copy, response)
        stream = request.connection
        try:
            server.WsH2Handshaker(request, dispatcher).do_handshake()
            response.write_status_headers()
        except HandshakeException as error:
            response.set_error(error.status, error)
            response.write()
            return
        except AbortedByUserException:
            response.write()
            return
        except (ProtocolError, OSError):
            return  # The client has ended it.
        request._dispatcher = dispatcher
        try:
            dispatcher.transfer_data(request)
            stream.send(lambda connection: connection.end_stream(stream.id))
        except AbortedByUserException:
            stream.send(lambda connection: connection.reset_stream(stream.id, ErrorCodes.CANCEL))
        except (ProtocolError, OSError):
            pass  # The same.


Library._stream_ws_thread = Handler.serve
server.H2Connection = Http2
server.H2ConnectionGuard = Guard
server._WebSocketConnection = Stream
handlers, key, certificate, port = sys.argv[1:]
dispatcher = dispatch.Dispatcher(handlers, None, False)
server.WebTestHttpd(host="127.0.0.1", port=int(port), doc_root=handlers, ws_doc_root=handlers, use_ssl=True, key_file=key,
                    certificate=certificate, handler_cls=Handler, http2=True).start()
threading.Event().wait()
