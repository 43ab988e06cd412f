// npm's ws of 2015, the last with draft 76, on a Node of its time: ws-echo.js PORT
'use strict';
const WebSocketServer = require('ws').Server;

new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), path: '/echo' })
  .on('connection', (ws) => {
    ws.on('message', (text) => (text === 'goodbye' ? ws.close() : ws.send(text)));
    ws.on('error', console.error);
  });
