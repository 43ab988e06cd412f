// RxJS: a socket as a subject; `retry` subscribes anew, which connects anew.
import { retry } from "rxjs";
import { webSocket } from "rxjs/webSocket";
import { bytes, cut, greeting, picture, say, ws } from "./stage.js";

let visits = 0;
const subject = webSocket({
  url: ws,
  binaryType: "arraybuffer",
  serializer: (value) => (value instanceof Uint8Array ? value : JSON.stringify(value)),
  deserializer: ({ data }) => (typeof data === "string" ? JSON.parse(data) : new Uint8Array(data)),
  openObserver: {
    next() {
      say("open");
      visits += 1;
      subject.next({ greeting });
      subject.next(picture);
    },
  },
  closeObserver: { next: ({ code }) => say(`closed: ${code}`) },
});

subject.pipe(retry({ delay: 50 })).subscribe({
  next(value) {
    if (!(value instanceof Uint8Array)) return say(value.greeting);
    say(bytes(value));
    if (visits === 1) cut();
    else subject.complete();
  },
  complete: () => say("complete"),
});
