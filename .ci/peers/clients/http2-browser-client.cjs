// A client with the browser's WebSocket object that is made to use HTTP/2: http2-browser-client.cjs built-in|undici URL
// close-first|server-closes. Deno's would try HTTP/1.1 first.
'use strict';
const { converse } = require('./browser-conversation.js');

function denos() {
  const client = Deno.createHttpClient({ http1: false, http2: true });
  return class extends WebSocket {
    constructor(url, protocols) {
      super(url, { protocols, client });
    }
  };
}

function undicis(url) {
  const { Agent, WebSocket, setGlobalDispatcher } = require('undici');
  setGlobalDispatcher(new Agent({ allowH2: true, useH2c: url.startsWith('ws:') }));
  return WebSocket;
}

const [origin, url, mode] = process.argv.slice(2);
converse(origin === 'built-in' ? denos() : undicis(url), url, mode).then((outcome) => {
  console.log(JSON.stringify(outcome));
  process.exit(outcome.ok ? 0 : 1);
});
