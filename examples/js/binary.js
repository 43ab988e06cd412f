// A picture goes over the wire as bytes, a tune as floats, and both come back. Needs `echo_server`.
"use strict";

const server = location.host ? location.origin.replace(/^http/, "ws") : "ws://127.0.0.1:9001";

const heart = Uint8Array.of(
  0b00000000,
  0b01100110,
  0b11111111,
  0b11111111,
  0b01111110,
  0b00111100,
  0b00011000,
  0b00000000,
);
const tune = Float32Array.from({ length: 12 }, (_, i) => Math.sin((i / 12) * 2 * Math.PI));

function draw(bytes) {
  for (const row of bytes) {
    console.log(row.toString(2).padStart(8, "0").replace(/0/g, "  ").replace(/1/g, "██").trimEnd());
  }
}

function play(samples) {
  for (const sample of samples) {
    console.log(`${" ".repeat(Math.round((sample + 1) * 10))}♪`);
  }
}

const socket = new WebSocket(server);
socket.binaryType = "arraybuffer";

socket.onopen = () => {
  socket.send(heart);
  socket.send(tune);
  // Only the part of the buffer that the view shows is sent.
  socket.send(new Uint8Array(heart.buffer, 2, 2));
  // A blob is read first; what is sent after it waits for it.
  socket.send(new Blob(["the end, ", "as a blob"]));
  socket.send("the end, as text");
  console.log(`${socket.bufferedAmount} bytes on their way`);
};

const answers = [
  (data) => draw(new Uint8Array(data)),
  (data) => play(new Float32Array(data)),
  (data) => draw(new Uint8Array(data)),
  (data) => console.log(String.fromCharCode(...new Uint8Array(data))),
  (data) => console.log(data),
];
socket.onmessage = ({ data }) => {
  answers.shift()(data);
  if (answers.length === 0) {
    socket.close(1000, "all is back");
  }
};
socket.onclose = ({ code }) => console.log(`closed: ${code}`);
