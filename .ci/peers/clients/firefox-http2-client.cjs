// A conversation of Debian's Firefox, without a window, with a server of HTTP/2, from a page of its own: firefox-http2-client.cjs
// URL close-first|server-closes. Firefox has to say that the WebSocket's answer came over HTTP/2. It is driven by WebDriver BiDi.
'use strict';
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { WebSocket } = require('ws');

const [url, mode] = process.argv.slice(2);
const script = fs.readFileSync(path.join(__dirname, 'browser-conversation.js'), 'utf8');
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-client-firefox-'));
// It leads a group, which ends as one.
const browser = spawn('/usr/bin/firefox-esr', ['--headless', '--no-remote', '--profile', home, '--remote-debugging-port', '0'], {
  stdio: ['ignore', 'ignore', 'pipe'],
  env: { ...process.env, HOME: home },
  detached: true,
});

async function listening() {
  for await (const line of readline.createInterface(browser.stderr)) {
    const [, address] = /WebDriver BiDi listening on (\S+)/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error('it does not listen');
}

async function visit() {
  const driver = new WebSocket(`${await listening()}/session`);
  const answers = new Map();
  const protocols = {};
  driver.on('message', (data) => {
    const { type, id, result, message, method, params } = JSON.parse(data);
    if (type === 'success') answers.get(id).resolve(result);
    else if (type === 'error') answers.get(id).reject(new Error(message));
    else if (method === 'network.responseStarted') protocols[params.request.url] = params.response.protocol;
  });
  await once(driver, 'open');
  let lastId = 0;
  const call = (method, params) => new Promise((resolve, reject) => {
    const id = ++lastId;
    answers.set(id, { resolve, reject });
    driver.send(JSON.stringify({ id, method, params }));
  });
  // The authority is unknown to it.
  await call('session.new', { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } });
  await call('session.subscribe', { events: ['network.responseStarted'] });
  const { contexts: [{ context }] } = await call('browsingContext.getTree', {});
  await call('browsingContext.navigate', { context, url: new URL('/', url.replace(/^ws/, 'http')).href, wait: 'complete' });
  const { result } = await call('script.evaluate', {
    expression: `${script}; converse(WebSocket, ${JSON.stringify(url)}, ${JSON.stringify(mode)}).then(JSON.stringify)`,
    target: { context },
    awaitPromise: true,
  });
  const outcome = JSON.parse(result.value);
  outcome.protocols = protocols;
  outcome.ok &&= protocols[url.replace(/^ws/, 'http')] === 'h2';
  return outcome;
}

const failure = (error) => ({ ok: false, errors: [error.message] });
const stopped = once(process, 'SIGTERM').then(() => failure(new Error('timeout')));
Promise.race([visit().catch(failure), stopped]).then(async (outcome) => {
  if (browser.exitCode === null && browser.signalCode === null) {
    process.kill(-browser.pid, 'SIGKILL');
    await once(browser, 'exit');
  }
  fs.rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  console.log(JSON.stringify(outcome));
  process.exit(outcome.ok ? 0 : 1);
});
