"""PyPI's websockets: websockets-echo.py PORT"""
import asyncio
import contextlib
import http
import sys

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosedError


def only_echo(connection, request):
    if request.path != '/echo':
        return connection.respond(http.HTTPStatus.NOT_FOUND, '')


def choose(connection, offered):
    return 'chat' if 'chat' in offered else None


async def echo(websocket):
    # To it every end is an error but those with 1000 and 1001.
    with contextlib.suppress(ConnectionClosedError):
        async for message in websocket:
            if message == 'goodbye':
                await websocket.close(4321, 'bye from websockets')
            else:
                await websocket.send(message)


async def main():
    async with serve(echo, '127.0.0.1', int(sys.argv[1]), process_request=only_echo,
                     select_subprotocol=choose, max_size=17 << 20, ping_interval=None) as server:
        await server.serve_forever()


asyncio.run(main())
