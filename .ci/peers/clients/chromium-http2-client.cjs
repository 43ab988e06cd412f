// A conversation with a server of HTTP/2, from a page of its own: chromium-http2-client.cjs URL close-first|server-closes.
// The certificate is that beside $NODE_EXTRA_CA_CERTS. Chromium's log has to say that the WebSocket was a stream of HTTP/2.
'use strict';
const { X509Certificate, createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const chromium = require('./chromium.cjs');

const [url, mode] = process.argv.slice(2);
const script = fs.readFileSync(path.join(__dirname, 'browser-conversation.js'), 'utf8');
const certificate = fs.readFileSync(path.join(path.dirname(process.env.NODE_EXTRA_CA_CERTS), 'good.pem'));
const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-client-chromium-'));
const log = path.join(home, 'log.json');

// The header lists of requests for a WebSocket that were sent over HTTP/2.
function requests() {
  const { constants, events } = JSON.parse(fs.readFileSync(log, 'utf8'));
  const sent = constants.logEventTypes.HTTP2_SESSION_SEND_HEADERS;
  const lists = events.filter(({ type }) => type === sent).map(({ params }) => params.headers);
  return lists.filter((headers) => headers.includes(':protocol: websocket'));
}

chromium.run(new URL('/', url.replace(/^ws/, 'http')).href, async (evaluate) => {
  const outcome = await evaluate(`${script}; converse(WebSocket, ${JSON.stringify(url)}, ${JSON.stringify(mode)})`);
  outcome.page = await evaluate(`performance.getEntriesByType('navigation')[0].nextHopProtocol`);
  return outcome;
}, {
  flags: [
    `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`,
    `--log-net-log=${log}`,
  ],
  judge(outcome) {
    outcome.requests = requests();
    fs.rmSync(home, { recursive: true });
    outcome.ok &&= outcome.page === 'h2' && outcome.requests.length === 1;
    return outcome;
  },
});
