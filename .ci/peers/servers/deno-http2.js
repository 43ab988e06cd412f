// Deno's own WebSocket server, with TLS: deno-http2.js CERTIFICATES PORT
'use strict';

const [certificates, port] = Deno.args;
const offers = (request, protocol) =>
  (request.headers.get('sec-websocket-protocol') ?? '').split(',').some((p) => p.trim() === protocol);

Deno.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  cert: Deno.readTextFileSync(`${certificates}/good.pem`),
  key: Deno.readTextFileSync(`${certificates}/good.key`),
  onListen() {},
}, (request) => {
  if (new URL(request.url).pathname !== '/echo') return new Response(null, { status: 404 });
  const { socket, response } = Deno.upgradeWebSocket(request, offers(request, 'chat') ? { protocol: 'chat' } : {});
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => {
    if (data === 'goodbye') socket.close(4321, 'bye from deno');
    else socket.send(data);
  };
  socket.onerror = ({ message }) => console.error(message);
  return response;
});
