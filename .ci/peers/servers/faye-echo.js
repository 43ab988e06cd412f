// faye-websocket as a draft-76 server: faye-echo.js PORT
// The library closes TCP with its own FF 00; it knows no subprotocol in draft 76.
'use strict';
const http = require('http');
const WebSocket = require('faye-websocket');

http.createServer()
  .on('upgrade', (request, socket, head) => {
    const ws = new WebSocket(request, socket, head);
    ws.on('message', ({ data }) => (data === 'goodbye' ? ws.close() : ws.send(data)));
    ws.on('error', ({ message }) => console.error(message));
  })
  .listen(Number(process.argv[2]), '127.0.0.1');
