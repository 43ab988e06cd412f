"use strict";
shape(MessageChannel, { port1: undefined, port2: undefined });
shape(MessagePort, { postMessage: 1, start: 0, close: 0, onmessage: undefined });
throws("TypeError", () => new MessagePort());

const heard = [];
const { port1, port2 } = new MessageChannel();
port1.postMessage({ first: [1] });
port2.onmessage = ({ data }) => {
  heard.push(data);
  if (data !== "last") return;
  equal(heard, [{ first: [1] }, "second", "last"]);
  port2.close();
  port1.postMessage("lost");
  transferred();
};
port1.postMessage("second");
throws("DataCloneError", () => port1.postMessage(() => {}));
throws("DataCloneError", () => port1.postMessage(1, [port1]));
Promise.resolve().then(() => equal(heard.length, 0, "a message before its task"));
setTimeout(() => port1.postMessage("last"), 5);

function transferred() {
  const [outer, inner] = [new MessageChannel(), new MessageChannel()];
  outer.port2.addEventListener("message", ({ data, ports }) => {
    equal(data.port === ports[0], true);
    ports[0].postMessage("through");
  });
  outer.port2.start();
  inner.port1.onmessage = ({ data }) => {
    equal(data, "through");
    done();
  };
  outer.port1.postMessage({ port: inner.port2 }, { transfer: [inner.port2] });
  throws("DataCloneError", () => structuredClone(inner.port2, { transfer: [inner.port2] }));
  // What is closed goes nowhere.
  const closed = new MessageChannel();
  closed.port1.close();
  throws("DataCloneError", () => outer.port1.postMessage(0, [closed.port1]));
}
