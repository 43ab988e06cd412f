"""Tornado's draft-76 server: tornado-echo.py PORT"""
import sys

from tornado.ioloop import IOLoop
from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Echo(WebSocketHandler):
    def allow_draft76(self):
        return True

    def select_subprotocol(self, offered):
        return 'chat' if 'chat' in offered else None

    def on_message(self, text):
        if text == u'goodbye':
            self.close()
        else:
            self.write_message(text)


# What stands in front of it says whether there is TLS, which the handshake's answer has to name.
Application([('/.*', Echo)]).listen(int(sys.argv[1]), address='127.0.0.1', xheaders=True)
IOLoop.instance().start()
