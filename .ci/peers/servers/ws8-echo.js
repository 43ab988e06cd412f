// npm's ws of today: ws8-echo.js NAME TRAITS PORT
'use strict';
const crypto = require('crypto');
const { WebSocketServer } = require('ws');

const [name, traits, port] = process.argv.slice(2);
const sendMuch = (ws) => {
  for (let left = 256; left > 0; --left) ws.send(String(left).padStart(65535));
};

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
  let heard;
  ws.on('message', (data, isBinary) => {
    const text = isBinary ? undefined : String(data);
    if (heard) {
      heard.push(data);
    } else if (text === 'goodbye') {
      heard = [];
      ws.close(4321, `bye from ${calledBy}`); // The library gives the client thirty seconds.
    } else if (text === 'much') {
      sendMuch(ws);
    } else {
      ws.send(data, { binary: isBinary });
    }
  });
  ws.on('close', () => {
    if (!heard) return;
    const all = Buffer.concat(heard);
    console.log('heard', heard.length, all.length, crypto.createHash('md5').update(all).digest('hex'));
  });
  ws.on('error', console.error);
});
