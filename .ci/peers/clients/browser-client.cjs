// A client with the browser's WebSocket object: browser-client.cjs built-in|MODULE URL close-first|server-closes
'use strict';
const { converse } = require('./browser-conversation.js');

const [origin, url, mode] = process.argv.slice(2);
const WebSocket = origin === 'built-in' ? globalThis.WebSocket : require(origin).WebSocket;
converse(WebSocket, url, mode).then((outcome) => {
  console.log(JSON.stringify(outcome));
  process.exit(outcome.ok ? 0 : 1);
});
