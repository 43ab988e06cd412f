// Deno's WebSocket, made to use HTTP/2, where it would try HTTP/1.1 first: deno-http2-client.cjs URL close-first|server-closes
'use strict';
const { converse } = require('./browser-conversation.js');

const client = Deno.createHttpClient({ http1: false, http2: true });

class Http2WebSocket extends WebSocket {
  constructor(url, protocols) {
    super(url, { protocols, client });
  }
}

const [url, mode] = process.argv.slice(2);
converse(Http2WebSocket, url, mode).then((outcome) => {
  console.log(JSON.stringify(outcome));
  process.exit(outcome.ok ? 0 : 1);
});
