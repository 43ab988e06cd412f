"""PyPI's hypercorn: hypercorn-echo.py CERTIFICATES PORT. It takes HTTP/1.1 and HTTP/2, without TLS, and with it at the
next port."""
import asyncio
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config


async def echo(scope, receive, send):
    if scope['type'] != 'websocket':
        return
    await receive()
    if scope['path'] != '/echo':
        await send({'type': 'websocket.close'})
        return
    await send({'type': 'websocket.accept', 'subprotocol': 'chat' if 'chat' in scope['subprotocols'] else None})
    while (event := await receive())['type'] == 'websocket.receive':
        if event.get('text') == 'goodbye':
            await send({'type': 'websocket.close', 'code': 4321, 'reason': 'bye from hypercorn'})
        else:
            await send({'type': 'websocket.send', 'text': event.get('text'), 'bytes': event.get('bytes')})


certificates, port = sys.argv[1], int(sys.argv[2])
config = Config()
config.insecure_bind = [f'127.0.0.1:{port}']
config.bind = [f'127.0.0.1:{port + 1}']
config.certfile, config.keyfile = f'{certificates}/good.pem', f'{certificates}/good.key'
config.websocket_max_message_size = 17 << 20
asyncio.run(serve(echo, config))
