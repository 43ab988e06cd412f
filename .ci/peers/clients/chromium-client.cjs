// A conversation with a server: chromium-client.cjs URL close-first|server-closes
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const chromium = require('./chromium.cjs');

const [url, mode] = process.argv.slice(2);
const script = fs.readFileSync(path.join(__dirname, 'browser-conversation.js'), 'utf8');
chromium.run('about:blank', (evaluate) =>
  evaluate(`${script}; converse(WebSocket, ${JSON.stringify(url)}, ${JSON.stringify(mode)})`));
