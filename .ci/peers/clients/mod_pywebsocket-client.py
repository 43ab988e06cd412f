"""mod_pywebsocket as a draft-76 client: mod_pywebsocket-client.py URL close-first|server-closes

The opening handshake is that of the library's example client, which knows no
subprotocol; the example's folder has to be in PYTHONPATH. This client closes
TCP itself once both sides have sent FF 00.
"""
import argparse
import signal
import socket
import sys
import urlparse

import echo_client
from mod_pywebsocket.msgutil import ConnectionTerminatedException
from mod_pywebsocket.stream import StreamHixie75

import conversation


class Timeout(Exception):
    pass


def late(signum, frame):
    raise Timeout


def main(url, mode):
    url = urlparse.urlsplit(url)
    echoed = 0
    closed = 'no connection'
    signal.signal(signal.SIGALRM, late)
    signal.alarm(conversation.DEADLINE)
    try:
        tcp = socket.create_connection((url.hostname, url.port))
        echo_client.ClientHandshakeProcessorHybi00(tcp, argparse.Namespace(
            resource=url.path, server_host=url.hostname, server_port=url.port,
            use_tls=False, origin=conversation.ORIGIN)).handshake()
        closed = 'unclean'
        stream = StreamHixie75(echo_client.ClientRequest(tcp), True)
        for text in conversation.texts(mode) + [u''] * (mode == 'close-first'):
            stream.send_message(text)
            if stream.receive_message() != text:
                conversation.report(mode, echoed, 'wrong echo')
            echoed += 1
        if mode == 'close-first':
            stream.close_connection()
            closed = 'clean'
        else:
            stream.send_message(u'goodbye')
            # None is the server's FF 00, which the library has answered.
            closed = 'clean' if stream.receive_message() is None else 'wrong echo'
        tcp.close()
    except Timeout:
        closed = 'timeout'
    except (ConnectionTerminatedException, echo_client.ClientHandshakeError, EnvironmentError) as e:
        sys.stderr.write('%s\n' % e)
    conversation.report(mode, echoed, closed)


main(*sys.argv[1:])
