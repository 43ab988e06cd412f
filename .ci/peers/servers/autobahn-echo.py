"""Autobahn's draft-76 server: autobahn-echo.py PORT"""
import sys

import txaio
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet import reactor

txaio.use_twisted()  # Newer txaio than this Autobahn insist on being told.


class Echo(WebSocketServerProtocol):
    much_is_due = False

    def onConnect(self, request):
        return 'chat' if 'chat' in request.protocols else None

    def onMessage(self, payload, isBinary):
        if payload == b'goodbye':
            self.sendClose()
        elif payload == b'much':
            self.much_is_due = True
        else:
            self.sendMessage(payload)

    def onCloseFrame(self, code, reason):
        if self.much_is_due:
            for left in range(256, 0, -1):
                self.sendMessage(b'%65535d' % left)
        # The library's own answers it, and ends TCP behind what is queued.
        WebSocketServerProtocol.onCloseFrame(self, code, reason)


port = int(sys.argv[1])
# Autobahn writes Sec-WebSocket-Location with the port of this URL.
factory = WebSocketServerFactory(u'ws://127.0.0.1:%d' % port)
factory.setProtocolOptions(allowHixie76=True)
factory.protocol = Echo
reactor.listenTCP(port, factory, interface='127.0.0.1')
reactor.run()
