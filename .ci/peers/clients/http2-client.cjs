// Node's HTTP/2 with the frames of npm's ws: http2-client.cjs URL close-first|server-closes. wss: by ALPN, with the
// authority that $NODE_EXTRA_CA_CERTS names; ws: with prior knowledge.
'use strict';
const http2 = require('node:http2');
const { WebSocket, PerMessageDeflate, extension } = require('ws');
const { converse } = require('./browser-conversation.js');

const options = { maxPayload: 17 << 20, autoPong: true, closeTimeout: 30_000, allowSynchronousEvents: true };

class Http2WebSocket extends WebSocket {
  constructor(url, protocols) {
    super(null, undefined, options);
    this._isServer = false;
    const { protocol, host, pathname, search } = new URL(url);
    const scheme = protocol === 'wss:' ? 'https' : 'http';
    const session = http2.connect(`${scheme}://${host}`);
    const fail = (error) => this.emit('error', error);
    session.on('error', fail);
    session.once('remoteSettings', ({ enableConnectProtocol }) => {
      if (!enableConnectProtocol) return fail(new Error('no extended CONNECT'));
      const deflate = new PerMessageDeflate({ maxPayload: options.maxPayload });
      const stream = session.request({
        ':method': 'CONNECT',
        ':protocol': 'websocket',
        ':scheme': scheme,
        ':authority': host,
        ':path': pathname + search,
        'sec-websocket-version': '13',
        'sec-websocket-protocol': protocols.join(', '),
        'sec-websocket-extensions': extension.format({ [PerMessageDeflate.extensionName]: deflate.offer() }),
        origin: 'http://example.com',
      }, { endStream: false });
      stream.on('error', fail);
      stream.once('response', (answer) => {
        if (answer[':status'] !== 200) return fail(new Error(`status ${answer[':status']}`));
        this._protocol = answer['sec-websocket-protocol'] ?? '';
        const extensions = answer['sec-websocket-extensions'];
        if (extensions) {
          deflate.accept(extension.parse(extensions)[PerMessageDeflate.extensionName]);
          this._extensions = { [PerMessageDeflate.extensionName]: deflate };
        }
        this.setSocket(stream, Buffer.alloc(0), options);
      });
      // Neither end resets a stream whose closing handshake is done.
      stream.once('close', () => {
        if (stream.rstCode !== http2.constants.NGHTTP2_NO_ERROR) fail(new Error(`reset, ${stream.rstCode}`));
        session.close();
      });
    });
  }
}

const [url, mode] = process.argv.slice(2);
converse(Http2WebSocket, url, mode).then((outcome) => {
  console.log(JSON.stringify(outcome));
  process.exit(outcome.ok ? 0 : 1);
});
