"""Tornado's draft-76 server: tornado-echo.py PORT"""
import sys
from hashlib import md5

from tornado.ioloop import IOLoop
from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Echo(WebSocketHandler):
    heard = None

    def allow_draft76(self):
        return True

    def select_subprotocol(self, offered):
        return 'chat' if 'chat' in offered else None

    def on_message(self, text):
        if self.heard is not None:
            self.heard.append(text.encode('utf-8'))
        elif text == u'goodbye':
            self.heard = []
            self.close()  # The library gives the client five seconds.
        else:
            self.write_message(text)

    def on_connection_close(self):
        # on_close is not called behind close().
        super(Echo, self).on_connection_close()
        if self.heard is not None:
            heard = b''.join(self.heard)
            print('heard %d %d %s' % (len(self.heard), len(heard), md5(heard).hexdigest()))
            sys.stdout.flush()


# What stands in front of it says whether there is TLS, which the handshake's answer has to name.
Application([('/.*', Echo)]).listen(int(sys.argv[1]), address='127.0.0.1', xheaders=True)
IOLoop.instance().start()
