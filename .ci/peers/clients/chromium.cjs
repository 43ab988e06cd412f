// Debian's Chromium without a window. Its DevTools protocol comes over two pipes: JSON, each message ended by a NUL.
'use strict';
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

// Has `use(evaluate, call)` at a page with this URL: evaluate(expression) yields what it comes to, call(method, params)
// is any command. Prints the outcome, an object with `ok`, and ends the process. `flags` are Chromium's own; where there is a
// `judge`, that ends by itself, and the outcome is what judge(outcome) makes of it then.
exports.run = (url, use, { flags = [], judge } = {}) => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'living-client-chromium-'));
  const browser = spawn('/usr/bin/chromium', [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-breakpad',
    '--no-proxy-server', '--window-size=1000,760', `--user-data-dir=${home}`, '--remote-debugging-pipe', ...flags,
    'about:blank',
  ], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, HOME: home },
    detached: true, // It leads a group, which ends as one.
  });
  let complaints = '';
  browser.stderr.setEncoding('utf8').on('data', (text) => { complaints += text; });

  browser.stdio[3].on('error', () => {}); // Its end is heard of anyway.

  const answers = new Map();
  let lastId = 0;
  function call(method, params, sessionId) {
    const id = ++lastId;
    browser.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => answers.set(id, { resolve, reject }));
  }

  let unread = '';
  browser.stdio[4].setEncoding('utf8').on('data', (text) => {
    const messages = (unread + text).split('\0');
    unread = messages.pop();
    for (const { id, result, error } of messages.map(JSON.parse)) {
      if (error) answers.get(id)?.reject(new Error(error.message));
      else answers.get(id)?.resolve(result);
    }
  });

  async function visit() {
    const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
    const evaluate = async (expression) => {
      const { result, exceptionDetails } = await call('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
      }, sessionId);
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return result.value;
    };
    if (url !== 'about:blank') {
      await call('Page.navigate', { url }, sessionId);
      // The old page goes while it is asked.
      const isThere = () => evaluate(`location.href !== 'about:blank' && document.readyState === 'complete'`);
      while (!await isThere().catch(() => false)) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return use(evaluate, (method, params) => call(method, params, sessionId));
  }

  let end;
  const ended = new Promise((resolve) => { end = resolve; });
  browser.on('error', (error) => end({ ok: false, errors: [error.message] }));
  browser.on('exit', (code) => end({ ok: false, errors: [`Chromium ended with ${code}`] }));
  process.on('SIGTERM', () => end({ ok: false, errors: ['timeout'] }));
  visit().then(end, (error) => end({ ok: false, errors: [error.message] }));

  const isRunning = () => browser.pid && browser.exitCode === null && browser.signalCode === null;
  ended.then(async (outcome) => {
    if (judge && isRunning()) {
      call('Browser.close').catch(() => {});
      await Promise.race([once(browser, 'exit'), new Promise((resolve) => setTimeout(resolve, 10_000))]);
      outcome = judge(outcome);
    }
    if (isRunning()) {
      process.kill(-browser.pid, 'SIGKILL');
      await once(browser, 'exit');
    }
    fs.rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    if (!outcome.ok) console.error(complaints);
    console.log(JSON.stringify(outcome));
    process.exit(outcome.ok ? 0 : 1);
  });
};
