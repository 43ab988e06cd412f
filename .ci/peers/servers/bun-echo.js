// Bun's own WebSocket server: bun-echo.js PORT
'use strict';

const offers = (request, protocol) =>
  (request.headers.get('sec-websocket-protocol') ?? '').split(',').some((p) => p.trim() === protocol);

const sendMuch = (ws) => {
  for (let left = 256; left > 0; --left) ws.send(String(left).padStart(65535));
};

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2]),
  fetch(request, server) {
    const headers = offers(request, 'chat') ? { 'Sec-WebSocket-Protocol': 'chat' } : {};
    const isEcho = new URL(request.url).pathname === '/echo';
    if (!(isEcho && server.upgrade(request, { headers }))) return new Response(null, { status: 404 });
  },
  websocket: {
    perMessageDeflate: true,
    maxPayloadLength: 17 << 20,
    backpressureLimit: 64 << 20,
    message(ws, data) {
      if (data === 'goodbye') ws.close(4321, 'bye from bun');
      else if (data === 'much') sendMuch(ws);
      else ws.send(data, true);
    },
  },
});
