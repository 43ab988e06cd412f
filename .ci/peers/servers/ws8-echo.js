// npm's ws of today: ws8-echo.js NAME TRAITS PORT
'use strict';
const { WebSocketServer } = require('ws');

const [name, traits, port] = process.argv.slice(2);
new WebSocketServer({
  host: '127.0.0.1',
  port: Number(port),
  path: '/echo',
  perMessageDeflate: traits.split(',').includes('deflate'),
  maxPayload: 17 << 20,
  handleProtocols: (offered) => offered.has('chat') && 'chat',
}).on('connection', (ws, request) => {
  // What stands in front of it says so.
  const calledBy = request.headers['x-called'] ?? name;
  ws.on('message', (data, isBinary) => {
    if (!isBinary && String(data) === 'goodbye') ws.close(4321, `bye from ${calledBy}`);
    else ws.send(data, { binary: isBinary });
  });
  ws.on('error', console.error);
});
