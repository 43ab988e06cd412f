// Node's HTTP/2 with the frames of npm's ws: http2-echo.js NAME TRAITS CERTIFICATES PORT. It takes HTTP/2 without TLS,
// and at the next port HTTP/2 and HTTP/1.1 with it; with the trait "no-connect-protocol" no WebSocket over HTTP/2.
'use strict';
const fs = require('node:fs');
const http2 = require('node:http2');
const { WebSocket, WebSocketServer, PerMessageDeflate, extension, subprotocol } = require('ws');

const [name, traits, certificates, port] = process.argv.slice(2);
const isHttp1Only = traits.split(',').includes('no-connect-protocol');
const options = { maxPayload: 17 << 20, autoPong: true, closeTimeout: 30_000, allowSynchronousEvents: true };

function echo(ws) {
  ws.on('message', (data, isBinary) => {
    if (!isBinary && String(data) === 'goodbye') ws.close(4321, `bye from ${name}`);
    else ws.send(data, { binary: isBinary });
  });
  ws.on('error', console.error);
}

function accept(stream, headers) {
  if (headers[':method'] === 'GET') {
    stream.respond({ ':status': 200, 'content-type': 'text/html' });
    stream.end('<!DOCTYPE html>');
    return;
  }
  if (headers[':protocol'] !== 'websocket' || headers[':path'] !== '/echo') {
    stream.respond({ ':status': 404 }, { endStream: true });
    return;
  }
  const ws = new WebSocket(null, undefined, options);
  const answer = { ':status': 200 };
  const protocols = headers['sec-websocket-protocol'];
  if (protocols && subprotocol.parse(protocols).has('chat')) answer['sec-websocket-protocol'] = ws._protocol = 'chat';
  const extensions = headers['sec-websocket-extensions'];
  const offers = extensions && extension.parse(extensions)[PerMessageDeflate.extensionName];
  if (offers) {
    const deflate = new PerMessageDeflate({ isServer: true, maxPayload: options.maxPayload });
    const params = deflate.accept(offers);
    answer['sec-websocket-extensions'] = extension.format({ [PerMessageDeflate.extensionName]: [params] });
    ws._extensions = { [PerMessageDeflate.extensionName]: deflate };
  }
  stream.respond(answer);
  ws.setSocket(stream, Buffer.alloc(0), options);
  echo(ws);
}

const settings = { enableConnectProtocol: !isHttp1Only };
const secure = http2.createSecureServer({
  settings,
  allowHTTP1: true,
  key: fs.readFileSync(`${certificates}/good.key`),
  cert: fs.readFileSync(`${certificates}/good.pem`),
});
// The way of HTTP/1.1, at the same port.
const upgrades = new WebSocketServer({
  noServer: true,
  path: '/echo',
  perMessageDeflate: true,
  maxPayload: options.maxPayload,
  handleProtocols: (offered) => offered.has('chat') && 'chat',
});
secure.on('upgrade', (request, socket, head) => upgrades.handleUpgrade(request, socket, head, echo));
for (const [server, at] of [[http2.createServer({ settings }), Number(port)], [secure, Number(port) + 1]]) {
  server.on('stream', accept);
  server.on('sessionError', console.error);
  server.listen(at, '127.0.0.1');
}
