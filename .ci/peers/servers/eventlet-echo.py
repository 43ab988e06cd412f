"""eventlet, which ends TCP without answering our FF 00: eventlet-echo.py PORT"""
import sys

import eventlet
from eventlet import websocket, wsgi


@websocket.WebSocketWSGI
def echo(ws):
    # None is the client's end; to return from here is eventlet's way to close.
    while (text := ws.wait()) not in (None, 'goodbye'):
        ws.send(text)


wsgi.server(eventlet.listen(('127.0.0.1', int(sys.argv[1]))), echo)
