"""PyPI's websockets as a client: websockets-client.py URL close-first|server-closes"""
import json
import random
import sys

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

MIB = 1 << 20
noise = random.Random(6455).randbytes


def messages_of(mode):
    if mode == 'server-closes':
        return ['hello']
    return ['hello', 'Grüße, 世界 🎉', '', b'', noise(3), noise(70000), noise(16 * MIB),
            'The same again. ' * (MIB // 16)]


def converse(url, mode):
    outcome = {'echoed': 0}
    with connect(url, subprotocols=['other', 'chat'], max_size=17 * MIB, proxy=None,
                 ping_interval=None) as websocket:
        outcome['protocol'] = websocket.subprotocol
        outcome['extensions'] = [e.name for e in websocket.protocol.extensions]
        for message in messages_of(mode):
            websocket.send(message)
            if websocket.recv(timeout=50) != message:
                return outcome
            outcome['echoed'] += 1
        if mode == 'close-first':
            websocket.close(4001, 'done')
        else:
            websocket.send('goodbye')
            try:
                websocket.recv(timeout=10)
            except ConnectionClosed:
                pass
        end = websocket.protocol
        outcome['wasClean'] = end.close_rcvd is not None and end.close_sent is not None
        outcome['code'], outcome['reason'] = end.close_code, end.close_reason
    return outcome


url, mode = sys.argv[1:]
outcome = converse(url, mode)
end = (outcome.get('wasClean'), outcome.get('code'), outcome.get('reason'))
outcome['ok'] = (
    outcome['protocol'] == 'chat'
    and outcome['echoed'] == len(messages_of(mode))
    and (end[:2] == (True, 4001) if mode == 'close-first' else end == (True, 4321, 'bye from us'))
)
print(json.dumps(outcome))
sys.exit(0 if outcome['ok'] else 1)
