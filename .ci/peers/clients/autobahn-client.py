"""Autobahn as a draft-76 client: autobahn-client.py URL close-first|server-closes

The empty text is left out: Autobahn takes it for a violation. Once both sides
have sent FF 00 it gives the server one second to close TCP before it calls the
end unclean.
"""
import sys

import txaio
from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol, connectWS
from twisted.internet import reactor

import conversation

txaio.use_twisted()  # Newer txaio than this Autobahn insist on being told.
url, mode = sys.argv[1:]
texts = [text.encode('utf-8') for text in conversation.texts(mode)]
outcome = {'echoed': 0}


def end(closed):
    if 'closed' not in outcome:  # The first reason counts; stopping brings more.
        outcome['closed'] = closed
        reactor.stop()


class Client(WebSocketClientProtocol):
    def onOpen(self):
        outcome['subprotocol'] = self.websocket_protocol_in_use
        self.next()

    def next(self):
        if outcome['echoed'] < len(texts):
            self.sendMessage(texts[outcome['echoed']])
        elif mode == 'close-first':
            self.sendClose()
        else:
            self.sendMessage(b'goodbye')

    def onMessage(self, payload, isBinary):
        if payload not in texts[outcome['echoed']:][:1]:
            end('wrong echo')
            return
        outcome['echoed'] += 1
        self.next()

    def onClose(self, wasClean, code, reason):
        if not wasClean:
            sys.stderr.write('%s\n' % reason)
        opened = 'subprotocol' in outcome
        end('clean' if wasClean else 'unclean' if opened else 'no connection')


factory = WebSocketClientFactory(url, origin=conversation.ORIGIN, protocols=['chat'])
factory.setProtocolOptions(version=0, allowHixie76=True)
factory.protocol = Client
factory.clientConnectionFailed = lambda connector, reason: end('no connection')
connectWS(factory)
reactor.callLater(conversation.DEADLINE, end, 'timeout')
reactor.run()
conversation.report(mode, **outcome)
