//! Script, at the real object.

use super::call::{Call, Data, Reading, Slot, Type};
use super::trace::{self, Line, Seen};
use dom_websocket::{
    AddEventListenerOptions, Blob, Dispatch, DomException, EventListener, EventLoop, MessageData,
    WebSocket,
};
use futures::channel::oneshot::{self, Sender};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::rc::{Rc, Weak};

pub(crate) struct Script {
    event_loop: EventLoop,
    /// Each is one listener, however often it is added.
    listeners: BTreeMap<(Type, Slot), EventListener>,
    reactions: RefCell<VecDeque<Vec<Call>>>,
    pub(crate) trace: RefCell<Vec<Seen>>,
    is_in_method: Cell<bool>,
    /// Of blobs that are being read.
    reads: RefCell<VecDeque<Read>>,
}

struct Read {
    len: usize,
    end: Sender<io::Result<Vec<u8>>>,
}

impl Script {
    pub(crate) fn new(event_loop: &EventLoop, reactions: &[Vec<Call>]) -> Rc<Self> {
        let slots = [Slot::Always, Slot::Capturing, Slot::Plain, Slot::Once];
        Rc::new_cyclic(|script: &Weak<Self>| {
            let of = |type_: Type, slot: Slot| {
                let script = script.clone();
                let listener = EventListener::new(move |event| hear(&script, event, type_, slot));
                ((type_, slot), listener)
            };
            let of_type = |type_: Type| slots.map(|slot| of(type_, slot));
            Self {
                event_loop: event_loop.clone(),
                listeners: Type::ALL.into_iter().flat_map(of_type).collect(),
                reactions: RefCell::new(reactions.iter().cloned().collect()),
                trace: RefCell::default(),
                is_in_method: Cell::new(false),
                reads: RefCell::default(),
            }
        })
    }

    pub(crate) fn watch(self: &Rc<Self>, socket: &WebSocket) {
        for type_ in Type::ALL {
            self.listen(socket, type_, Slot::Always);
        }
    }

    fn listen(self: &Rc<Self>, socket: &WebSocket, type_: Type, slot: Slot) {
        let script = Rc::downgrade(self);
        match (type_, slot) {
            (Type::Open, Slot::Handler) => {
                socket.set_onopen(move |event| hear(&script, event, type_, slot));
            }
            (Type::Message, Slot::Handler) => {
                socket.set_onmessage(move |event| hear(&script, event.into(), type_, slot));
            }
            (Type::Error, Slot::Handler) => {
                socket.set_onerror(move |event| hear(&script, event, type_, slot));
            }
            (Type::Close, Slot::Handler) => {
                socket.set_onclose(move |event| hear(&script, event.into(), type_, slot));
            }
            _ => {
                let options = AddEventListenerOptions {
                    capture: slot.captures(),
                    once: slot == Slot::Once,
                    ..Default::default()
                };
                let listener = &self.listeners[&(type_, slot)];
                socket.add_event_listener_with(type_.name(), listener, options);
            }
        }
    }

    fn stop_listening(&self, socket: &WebSocket, type_: Type, slot: Slot) {
        match (type_, slot) {
            (Type::Open, Slot::Handler) => socket.clear_onopen(),
            (Type::Message, Slot::Handler) => socket.clear_onmessage(),
            (Type::Error, Slot::Handler) => socket.clear_onerror(),
            (Type::Close, Slot::Handler) => socket.clear_onclose(),
            _ => {
                let listener = &self.listeners[&(type_, slot)];
                socket.remove_event_listener(type_.name(), listener, slot.captures());
            }
        }
    }

    pub(crate) fn perform(
        self: &Rc<Self>,
        socket: &WebSocket,
        calls: &[Call],
        event: Option<Dispatch<'_>>,
    ) {
        for call in calls {
            self.is_in_method.set(true);
            let result = match self.call(socket, call, event) {
                Ok(Some(sent)) => sent.to_string(),
                Ok(None) => "ok".to_owned(),
                Err(exception) => exception.name().to_owned(),
            };
            self.is_in_method.set(false);
            self.record(socket, format!("{} -> {result}", trace::name(call)));
        }
    }

    fn call(
        self: &Rc<Self>,
        socket: &WebSocket,
        call: &Call,
        event: Option<Dispatch<'_>>,
    ) -> Result<Option<bool>, DomException> {
        match call {
            Call::Send(Data::Text(len)) => return socket.send(Data::text(*len)).map(Some),
            Call::Send(Data::Surrogate) => return socket.send_utf16(&Data::SURROGATE).map(Some),
            Call::Send(Data::Bytes(len)) => return socket.send(Data::bytes(*len)).map(Some),
            Call::Send(Data::Blob(len)) => {
                return socket.send(Blob::new(Data::bytes(*len))).map(Some);
            }
            Call::Send(Data::Unread(len)) => return socket.send(self.unread(*len)).map(Some),
            Call::EndReading(how) => self.end_reading(*how),
            Call::Close => socket.close(),
            Call::CloseWith(code, reason) => socket.close_with(*code, reason)?,
            Call::SetBinaryType(binary_type) => socket.set_binary_type(*binary_type),
            Call::Listen(type_, slot) => self.listen(socket, *type_, *slot),
            Call::StopListening(type_, slot) => self.stop_listening(socket, *type_, *slot),
            Call::StopImmediatePropagation => {
                if let Some(event) = event {
                    event.stop_immediate_propagation();
                }
            }
            Call::QueueTask(id) => {
                let (script, socket, id) = (self.clone(), socket.clone(), *id);
                let task = move || {
                    script.trace.borrow_mut().push(Line {
                        what: format!("callback {id}"),
                        ready_state: socket.ready_state(),
                        is_callback: true,
                        buffered_amount: socket.buffered_amount(),
                    });
                };
                self.event_loop.queue_task(task);
            }
        }
        Ok(None)
    }

    fn unread(&self, len: usize) -> Blob {
        let (end, ended) = oneshot::channel();
        self.reads.borrow_mut().push_back(Read { len, end });
        Blob::unread(len, async {
            ended
                .await
                .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
        })
    }

    fn end_reading(&self, how: Reading) {
        let read = self.reads.borrow_mut().pop_front();
        if let Some(Read { len, end }) = read {
            let _ = end.send(match how {
                Reading::Right => Ok(Data::bytes(len)),
                Reading::WrongSize => Ok(Data::bytes(len + 1)),
                Reading::Fails => Err(io::ErrorKind::Other.into()),
            });
        }
    }

    fn record(&self, socket: &WebSocket, what: String) {
        let attributes = trace::attributes(
            socket.ready_state(),
            &socket.protocol(),
            &socket.extensions(),
            socket.binary_type(),
        );
        self.trace.borrow_mut().push(Line {
            what: format!("{what} {attributes}"),
            ready_state: socket.ready_state(),
            is_callback: false,
            buffered_amount: socket.buffered_amount(),
        });
    }
}

fn hear(script: &Weak<Script>, event: Dispatch<'_>, type_: Type, slot: Slot) {
    let Some(script) = script.upgrade() else {
        return;
    };
    let what = format!("{} at {slot:?}: {}", event.type_(), detail(event));
    script.record(event.target(), what);
    if script.is_in_method.get() || event.type_() != type_.name() {
        script.record(event.target(), "an event out of place".to_owned());
    }
    let reaction = script.reactions.borrow_mut().pop_front();
    script.perform(event.target(), &reaction.unwrap_or_default(), Some(event));
}

fn detail(event: Dispatch<'_>) -> String {
    if let Some(event) = event.as_message_event() {
        let data = match event.data() {
            MessageData::Text(text) => trace::summary("text", text.as_bytes()),
            MessageData::Blob(blob) => trace::summary("blob", blob.as_bytes().unwrap()),
            MessageData::ArrayBuffer(bytes) => trace::summary("buffer", bytes),
            _ => "no data of a socket".to_owned(),
        };
        return format!("{data} from {:?}", event.origin());
    }
    if let Some(event) = event.as_close_event() {
        return format!(
            "{} {} {:?}",
            event.was_clean(),
            event.code(),
            event.reason()
        );
    }
    String::new()
}
