// npm's ws of 2015, the last with draft 76, on a Node of its time: ws-echo.js PORT
'use strict';
const crypto = require('crypto');
const WebSocketServer = require('ws').Server;

// The library answers FF 00 itself, behind what is queued, and would take nothing any more.
const sendMuch = (ws) => {
  for (let left = 256; left > 0; --left) ws.send((' '.repeat(65535) + left).slice(-65535));
};

new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), path: '/echo' })
  .on('connection', (ws) => {
    let heard;
    ws.on('message', (text) => {
      if (heard) {
        heard.push(text);
      } else if (text === 'goodbye') {
        heard = [];
        ws.close();
      } else if (text === 'much') {
        sendMuch(ws);
      } else {
        ws.send(text);
      }
    });
    ws.on('close', () => {
      if (!heard) return;
      const all = new Buffer(heard.join(''));
      console.log('heard', heard.length, all.length, crypto.createHash('md5').update(all).digest('hex'));
    });
    ws.on('error', console.error);
  });
