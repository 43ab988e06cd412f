//! What a socket says to a server that echoes, and what its listeners see of that.

use dom_websocket::{BinaryType, Blob, MessageData, WebSocket};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const MIB: usize = 1024 * 1024;

/// What the listeners of one socket saw.
pub(crate) type Log = Rc<RefCell<Vec<String>>>;

pub(crate) fn record(socket: &WebSocket) -> Log {
    let log = Log::default();
    for type_ in ["open", "message", "error", "close"] {
        let log = log.clone();
        socket.add_event_listener(type_, move |event| {
            let mut entry = type_.to_owned();
            if let Some(close) = event.as_close_event() {
                let (clean, code, reason) = (close.was_clean(), close.code(), close.reason());
                entry.push_str(&format!(" clean={clean} {code} {reason:?}"));
            }
            log.borrow_mut().push(entry);
        });
    }
    log
}

/// An open connection, this many messages, and its end.
pub(crate) fn session(messages: usize, end: &str) -> Vec<String> {
    let messages = vec!["message".to_owned(); messages];
    [vec!["open".to_owned()], messages, vec![end.to_owned()]].concat()
}

/// What deflate can't make smaller.
fn noise(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    StdRng::seed_from_u64(6455).fill_bytes(&mut bytes);
    bytes
}

pub(crate) fn messages() -> Vec<MessageData> {
    let repetitive = "The same again. ".repeat(MIB / 16);
    vec![
        MessageData::from("hello"),
        MessageData::from("Grüße, 世界! 🎉"),
        MessageData::from(""),
        MessageData::ArrayBuffer(vec![]),
        MessageData::Blob(Blob::new([])),
        MessageData::ArrayBuffer(vec![0, 255, 128]),
        MessageData::Blob(Blob::new([0, 255, 128])),
        MessageData::ArrayBuffer(noise(70_000)),
        MessageData::Blob(Blob::new(noise(70_000))),
        MessageData::ArrayBuffer(noise(16 * MIB)),
        // The second one is little more than a look back at the first.
        MessageData::from(&repetitive[..]),
        MessageData::from(&repetitive[..10_000]),
    ]
}

/// Each message there and back, one after the other, then `end`.
pub(crate) fn converse(
    socket: &WebSocket,
    messages: Vec<MessageData>,
    end: impl Fn(&WebSocket) + 'static,
) {
    let messages = Rc::new(messages);
    let at = Rc::new(Cell::new(0));
    let (all, echoed) = (messages.clone(), at.clone());
    let send_next = move |socket: &WebSocket| match all.get(echoed.get()) {
        Some(next) => {
            socket.set_binary_type(match next {
                MessageData::ArrayBuffer(_) => BinaryType::ArrayBuffer,
                _ => BinaryType::Blob,
            });
            assert_eq!(socket.send(next), Ok(true));
        }
        None => end(socket),
    };
    let send_next = Rc::new(send_next);
    let send_first = send_next.clone();
    socket.set_onopen(move |event| send_first(event.target()));
    socket.set_onmessage(move |event| {
        let i = at.replace(at.get() + 1);
        // Not assert_eq!: it would print all of it.
        assert!(
            *event.data() == messages[i],
            "message {i} came back changed"
        );
        send_next(event.target());
    });
}
