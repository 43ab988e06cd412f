//! What script sees of a socket, and what must hold of it whatever the socket goes through.

use dom_websocket::{AddEventListenerOptions, Dispatch, Edition, EventListener, WebSocket};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Listens to all four events of one socket. Each becomes a line, such as `OPEN message hello`: the
/// `readyState` at that moment, the type, and what else the event tells: of a `close`, whether it was
/// clean, and in the living edition the code and the reason.
///
/// Asserted at each event: the state is one in which this event may come in its edition, it never goes
/// back, nothing follows `close`, nothing but an unclean `close` follows the living edition's `error`,
/// and no event comes from inside a method of the socket.
#[derive(Clone)]
pub struct Recorder {
    inner: Rc<Inner>,
}

struct Inner {
    events: RefCell<Vec<String>>,
    last_state: Cell<u16>,
    is_in_method: Cell<bool>,
    /// The listeners hold the other.
    listening: Rc<()>,
}

impl Recorder {
    pub fn of(socket: &WebSocket) -> Self {
        let recorder = Self {
            inner: Rc::new(Inner {
                events: RefCell::default(),
                last_state: Cell::new(socket.ready_state()),
                is_in_method: Cell::new(false),
                listening: Rc::default(),
            }),
        };
        for type_ in ["open", "message", "error", "close"] {
            let (recorder, listening) = (recorder.clone(), recorder.inner.listening.clone());
            let listener = EventListener::new(move |event| {
                let _listening = &listening;
                recorder.record(event);
            });
            // Ahead of the handlers, so that it sees the state before they change it.
            let options = AddEventListenerOptions {
                capture: true,
                ..Default::default()
            };
            socket.add_event_listener_with(type_, &listener, options);
        }
        recorder
    }

    fn record(&self, event: Dispatch<'_>) {
        assert!(!self.inner.is_in_method.get(), "no event inside a method");
        let state = event.target().ready_state();
        let is_living = event.target().edition() == Edition::Living;
        let line = match event.type_() {
            "message" => {
                let event = event.as_message_event().expect("a MessageEvent");
                format!("{} message {}", name(state), event.data())
            }
            "close" => {
                let event = event.as_close_event().expect("a CloseEvent");
                let how = if event.was_clean() {
                    "clean"
                } else {
                    "unclean"
                };
                let line = format!("{} close {how}", name(state));
                if is_living {
                    format!("{line} {} {}", event.code(), event.reason())
                        .trim_end()
                        .to_owned()
                } else {
                    assert_eq!(event.code(), if event.was_clean() { 1005 } else { 1006 });
                    assert_eq!(event.reason(), "");
                    line
                }
            }
            other => format!("{} {other}", name(state)),
        };
        let may_come_in: &[u16] = match event.type_() {
            "open" => &[WebSocket::OPEN],
            "close" => &[WebSocket::CLOSED],
            "message" if is_living => &[WebSocket::OPEN],
            "error" if is_living => &[WebSocket::CLOSED],
            _ => &[WebSocket::OPEN, WebSocket::CLOSING],
        };
        assert!(may_come_in.contains(&state), "{line}");
        assert!(state >= self.inner.last_state.replace(state), "{line}");
        let mut events = self.inner.events.borrow_mut();
        assert!(!has_ended(&events), "{line} behind {events:?}");
        if is_living && events.last().is_some_and(|last| last == "CLOSED error") {
            assert!(line.starts_with("CLOSED close unclean"), "{line}");
        }
        events.push(line);
    }

    /// Calls a method of the socket, from which no event may come.
    pub fn calling<T>(&self, method: impl FnOnce() -> T) -> T {
        let was_in_method = self.inner.is_in_method.replace(true);
        let result = method();
        self.inner.is_in_method.set(was_in_method);
        result
    }

    pub fn events(&self) -> Vec<String> {
        self.inner.events.borrow().clone()
    }

    pub fn count(&self) -> usize {
        self.inner.events.borrow().len()
    }

    /// How many events of this type there were.
    pub fn count_of(&self, type_: &str) -> usize {
        let events = self.inner.events.borrow();
        events
            .iter()
            .filter(|line| line.split(' ').nth(1) == Some(type_))
            .count()
    }

    /// There has been a `close` event.
    pub fn has_ended(&self) -> bool {
        has_ended(&self.inner.events.borrow())
    }

    /// There has been a `close` event, and the socket has let go of its listeners. All events.
    #[track_caller]
    pub fn finished(&self) -> Vec<String> {
        assert!(self.has_ended(), "no close event: {:?}", self.events());
        let listeners = Rc::strong_count(&self.inner.listening) - 1;
        assert_eq!(listeners, 0, "listeners that are held still");
        self.events()
    }
}

fn has_ended(events: &[String]) -> bool {
    events
        .last()
        .is_some_and(|line| line.starts_with("CLOSED close"))
}

fn name(state: u16) -> &'static str {
    match state {
        WebSocket::CONNECTING => "CONNECTING",
        WebSocket::OPEN => "OPEN",
        WebSocket::CLOSING => "CLOSING",
        WebSocket::CLOSED => "CLOSED",
        other => panic!("no readyState: {other}"),
    }
}
