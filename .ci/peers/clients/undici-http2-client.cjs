// undici's WebSocket, allowed to use HTTP/2: undici-http2-client.cjs URL close-first|server-closes. wss: by ALPN, with the
// authority that $NODE_EXTRA_CA_CERTS names.
'use strict';
const { Agent, WebSocket } = require('undici');
const { converse } = require('./browser-conversation.js');

const dispatcher = new Agent({ allowH2: true });
// That it came to that is told by a warning alone.
let isHttp2 = false;
process.on('warning', ({ message }) => {
  isHttp2 ||= message.includes('HTTP2');
});

class Http2WebSocket extends WebSocket {
  constructor(url, protocols) {
    super(url, { protocols, dispatcher });
  }
}

const [url, mode] = process.argv.slice(2);
converse(Http2WebSocket, url, mode).then((outcome) => {
  console.log(JSON.stringify({ ...outcome, isHttp2 }));
  process.exit(outcome.ok && isHttp2 ? 0 : 1);
});
