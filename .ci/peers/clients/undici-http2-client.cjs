// undici's WebSocket, allowed to use HTTP/2: undici-http2-client.cjs URL close-first|server-closes. wss: by ALPN, with the
// authority that $NODE_EXTRA_CA_CERTS names.
'use strict';
const { Agent, WebSocket } = require('undici');
const { converse } = require('./browser-conversation.js');

const dispatcher = new Agent({ allowH2: true });

class Http2WebSocket extends WebSocket {
  constructor(url, protocols) {
    super(url, { protocols, dispatcher });
  }
}

const [url, mode] = process.argv.slice(2);
converse(Http2WebSocket, url, mode).then((outcome) => {
  console.log(JSON.stringify(outcome));
  process.exit(outcome.ok ? 0 : 1);
});
