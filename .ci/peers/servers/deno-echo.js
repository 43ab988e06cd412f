// Deno's own WebSocket server: deno-echo.js PORT
'use strict';

const offers = (request, protocol) =>
  (request.headers.get('sec-websocket-protocol') ?? '').split(',').some((p) => p.trim() === protocol);

const sendMuch = (socket) => {
  for (let left = 256; left > 0; --left) socket.send(String(left).padStart(65535));
};

Deno.serve({ hostname: '127.0.0.1', port: Number(Deno.args[0]), onListen() {} }, (request) => {
  if (new URL(request.url).pathname !== '/echo') return new Response(null, { status: 404 });
  const { socket, response } = Deno.upgradeWebSocket(request, offers(request, 'chat') ? { protocol: 'chat' } : {});
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => {
    if (data === 'goodbye') socket.close(4321, 'bye from deno');
    else if (data === 'much') sendMuch(socket);
    else socket.send(data);
  };
  socket.onerror = ({ message }) => console.error(message);
  return response;
});
