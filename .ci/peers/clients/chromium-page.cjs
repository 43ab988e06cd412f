// The page of the example echo_server: chromium-page.cjs URL [SCREENSHOT]. It has to make fifty round trips, echo what
// is typed, and close cleanly.
'use strict';
const fs = require('node:fs');
const chromium = require('./chromium.cjs');

const [url, screenshot] = process.argv.slice(2);

// Ends once `condition` holds in the page; false if it does not within ten seconds.
const until = (condition) => `new Promise((resolve) => {
  const deadline = Date.now() + 10_000;
  const look = () => {
    if (${condition}) resolve(true);
    else if (Date.now() > deadline) resolve(false);
    else setTimeout(look, 20);
  };
  look();
})`;
const text = (id) => `document.getElementById('${id}')?.textContent`;
const say = (words) => `document.getElementById('text').value = ${JSON.stringify(words)};
  document.getElementById('form').requestSubmit()`;

chromium.run(url, async (evaluate, call) => {
  const errors = [];
  const expect = async (what, condition) => {
    if (!await evaluate(until(condition))) errors.push(`${what}: ${await evaluate('document.body?.innerText')}`);
  };
  await expect('round trips', `${text('count')} >= 50 && ${text('state')} === 'OPEN'`);
  await evaluate(say('Grüße!'));
  await expect('an echo', `${text('events')}.includes('message Grüße!')`);
  if (screenshot) {
    const { data } = await call('Page.captureScreenshot', { format: 'png' });
    fs.writeFileSync(screenshot, Buffer.from(data, 'base64'));
  }
  await evaluate(say('close'));
  await expect('a close', `${text('events')}.includes('close, wasClean true, code 1000')`);
  await expect('its state', `${text('state')} === 'CLOSED'`);
  return { ok: errors.length === 0, errors };
});
