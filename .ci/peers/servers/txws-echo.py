"""txWS, whose draft-76 closing handshake is missing: txws-echo.py PORT"""
import sys

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol
from txws import WebSocketFactory


class Echo(Protocol):
    def dataReceived(self, text):  # txWS calls this once for each frame.
        if text == b'goodbye':
            self.transport.close()
        else:
            self.transport.write(text)


reactor.listenTCP(int(sys.argv[1]), WebSocketFactory(Factory.forProtocol(Echo)), interface='127.0.0.1')
reactor.run()
