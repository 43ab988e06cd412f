"""eventlet, which ends TCP without answering our FF 00: eventlet-echo.py PORT"""
import sys

import eventlet
from eventlet import websocket, wsgi


@websocket.WebSocketWSGI
def echo(ws):
    # None is the client's end; to return from here is eventlet's way to close.
    much_is_due = False
    while (text := ws.wait()) not in (None, 'goodbye'):
        if text == 'much':
            much_is_due = True
        else:
            ws.send(text)
    if much_is_due:
        for left in range(256, 0, -1):
            ws.send(f'{left:65535}')


wsgi.server(eventlet.listen(('127.0.0.1', int(sys.argv[1]))), echo)
