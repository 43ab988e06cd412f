// What a client with the browser's WebSocket object does, wherever that comes from:
// converse(WebSocket, url, mode) resolves to what happened, within 50 seconds.
'use strict';

const MIB = 1 << 20;

// Noise (xorshift), which deflate can't make smaller.
function noise(length) {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = 2463534242;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

function messagesOf(mode) {
  if (mode === 'server-closes') return ['hello'];
  return [
    'hello', 'Grüße, 世界 🎉', '', noise(0), noise(3), noise(70000), noise(16 * MIB),
    'The same again. '.repeat(MIB / 16),
  ];
}

function isSame(received, sent) {
  if (typeof sent === 'string' || !(received instanceof ArrayBuffer)) return received === sent;
  const bytes = new Uint8Array(received);
  return bytes.length === sent.length && bytes.every((byte, i) => byte === sent[i]);
}

function converse(WebSocket, url, mode) {
  const closesFirst = mode === 'close-first';
  const messages = messagesOf(mode);
  const outcome = { ok: false, echoed: 0, errors: [] };
  return new Promise((resolve) => {
    const socket = new WebSocket(url, ['other', 'chat']);
    socket.binaryType = 'arraybuffer';
    const giveUp = (error) => {
      outcome.errors.push(error);
      resolve(outcome);
    };
    const timer = setTimeout(giveUp, 200000, 'timeout');
    const next = () => {
      if (outcome.echoed < messages.length) socket.send(messages[outcome.echoed]);
      else if (closesFirst) socket.close(4001, 'done');
      else socket.send('goodbye');
    };
    socket.onopen = () => {
      outcome.protocol = socket.protocol;
      outcome.extensions = socket.extensions;
      next();
    };
    socket.onmessage = ({ data }) => {
      if (!isSame(data, messages[outcome.echoed])) return giveUp('wrong echo');
      outcome.echoed += 1;
      next();
    };
    socket.onerror = ({ message }) => outcome.errors.push(message ?? 'error');
    socket.onclose = ({ wasClean, code, reason }) => {
      clearTimeout(timer);
      Object.assign(outcome, { wasClean, code, reason });
      outcome.ok = outcome.protocol === 'chat' && outcome.echoed === messages.length &&
        outcome.errors.length === 0 && wasClean &&
        (closesFirst ? code === 4001 : code === 4321 && reason === 'bye from us');
      resolve(outcome);
    };
  });
}

if (typeof module === 'object') module.exports = { converse };
