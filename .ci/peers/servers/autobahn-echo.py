"""Autobahn's draft-76 server: autobahn-echo.py PORT"""
import sys

import txaio
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet import reactor

txaio.use_twisted()  # Newer txaio than this Autobahn insist on being told.


class Echo(WebSocketServerProtocol):
    def onConnect(self, request):
        return 'chat' if 'chat' in request.protocols else None

    def onMessage(self, payload, isBinary):
        if payload == b'goodbye':
            self.sendClose()
        else:
            self.sendMessage(payload)


port = int(sys.argv[1])
# Autobahn writes Sec-WebSocket-Location with the port of this URL.
factory = WebSocketServerFactory(u'ws://127.0.0.1:%d' % port)
factory.setProtocolOptions(allowHixie76=True)
factory.protocol = Echo
reactor.listenTCP(port, factory, interface='127.0.0.1')
reactor.run()
