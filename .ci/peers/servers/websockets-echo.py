"""PyPI's websockets: websockets-echo.py PORT"""
import asyncio
import contextlib
import hashlib
import http
import sys

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosedError


def only_echo(connection, request):
    if request.path != '/echo':
        return connection.respond(http.HTTPStatus.NOT_FOUND, '')


def choose(connection, offered):
    return 'chat' if 'chat' in offered else None


async def hear(websocket):
    # What comes behind our Close frame: close() waits for the client's, ten seconds at most.
    closing = asyncio.create_task(websocket.close(4321, 'bye from websockets'))
    heard = []
    with contextlib.suppress(ConnectionClosedError):
        async for message in websocket:
            heard.append(message.encode())
    await closing
    everything = b''.join(heard)
    print('heard', len(heard), len(everything), hashlib.md5(everything).hexdigest(), flush=True)


async def echo(websocket):
    # To it every end is an error but those with 1000 and 1001.
    with contextlib.suppress(ConnectionClosedError):
        async for message in websocket:
            if message == 'goodbye':
                await hear(websocket)
            else:
                await websocket.send(message)


async def main():
    async with serve(echo, '127.0.0.1', int(sys.argv[1]), process_request=only_echo,
                     select_subprotocol=choose, max_size=17 << 20, ping_interval=None) as server:
        await server.serve_forever()


asyncio.run(main())
