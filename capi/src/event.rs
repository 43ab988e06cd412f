//! Events, as listeners see them, and of C's own.

use crate::error::quietly;
use crate::object::{Object, Thread, check_thread, give, release};
use crate::string::{Bytes, Text};
use dom_websocket::{
    CloseEvent, CloseEventInit, Dispatch, Event as DomEvent, EventInit, MessageData, MessageEvent,
    MessageEventInit, SomeEvent,
};
use std::rc::Rc;

/// An event. The one that a callback is called with is valid until that returns: `domws_event_copy` makes one that
/// stays. One of your own is made by `domws_event_new`, and dispatched by `domws_socket_dispatch_event`.
pub struct Event<'a> {
    thread: Thread,
    pub(crate) content: Content<'a>,
}

pub(crate) enum Content<'a> {
    /// Under way: it is the dispatcher's.
    Dispatched(Dispatch<'a>),
    /// Made by C, to be dispatched.
    Made(Made),
    /// A copy of one that was dispatched.
    Copied {
        event: Made,
        is_trusted: bool,
        default_prevented: bool,
    },
}

pub(crate) enum Made {
    Event(DomEvent),
    Message(MessageEvent),
    Close(CloseEvent),
}

/// Which interface an event has.
#[repr(C)]
pub enum EventInterface {
    /// Event, and nothing more.
    Event = 0,
    /// MessageEvent.
    Message = 1,
    /// CloseEvent.
    Close = 2,
}

/// What a message is.
#[repr(C)]
pub enum DataType {
    /// The event is no message.
    None = 0,
    /// Text, in UTF-8.
    Text = 1,
    /// Bytes, where `binaryType` is "blob".
    Blob = 2,
    /// Bytes, where `binaryType` is "arraybuffer".
    ArrayBuffer = 3,
}

impl Object for Event<'_> {
    const NAME: &'static str = "event";

    fn thread(&self) -> Thread {
        self.thread
    }
}

/// Asks an event; `otherwise` for NULL, and on another thread.
///
/// # Safety
///
/// `event` is NULL, or valid.
unsafe fn ask<'a, T>(
    event: *const Event<'a>,
    otherwise: T,
    ask: impl FnOnce(&'a Event<'a>) -> Option<T>,
) -> T {
    let answer = quietly(None, || {
        // SAFETY: as the caller promises.
        let Some(event) = (unsafe { event.as_ref() }) else {
            return Ok(None);
        };
        check_thread(event, Event::NAME)?;
        Ok(ask(event))
    });
    answer.unwrap_or(otherwise)
}

impl<'a> Event<'a> {
    pub(crate) fn dispatched(dispatch: Dispatch<'a>) -> Self {
        Self {
            thread: Thread::current(),
            content: Content::Dispatched(dispatch),
        }
    }

    pub(crate) fn give(content: Content<'a>) -> *mut Self {
        let thread = Thread::current();
        give(Rc::new(Self { thread, content }))
    }

    pub(crate) fn some(&self) -> SomeEvent<'_> {
        match &self.content {
            Content::Dispatched(dispatch) => (*dispatch).into(),
            Content::Made(event) | Content::Copied { event, .. } => match event {
                Made::Event(event) => event.into(),
                Made::Message(event) => event.into(),
                Made::Close(event) => event.into(),
            },
        }
    }

    fn event(&self) -> &DomEvent {
        match &self.content {
            Content::Dispatched(dispatch) => dispatch,
            Content::Made(event) | Content::Copied { event, .. } => match event {
                Made::Event(event) => event,
                Made::Message(event) => event,
                Made::Close(event) => event,
            },
        }
    }

    /// C has a handle of it: it is not the dispatcher's.
    fn is_counted(&self) -> bool {
        !matches!(self.content, Content::Dispatched(_))
    }

    /// The event where it can be changed.
    fn live(&self) -> Option<&DomEvent> {
        match self.content {
            Content::Copied { .. } => None,
            _ => Some(self.event()),
        }
    }

    fn message(&self) -> Option<&MessageEvent> {
        match self.some() {
            SomeEvent::Message(event) => Some(event),
            _ => None,
        }
    }

    fn close(&self) -> Option<&CloseEvent> {
        match self.some() {
            SomeEvent::Close(event) => Some(event),
            _ => None,
        }
    }

    fn is_trusted(&self) -> bool {
        match self.content {
            Content::Copied { is_trusted, .. } => is_trusted,
            _ => self.event().is_trusted(),
        }
    }

    fn default_prevented(&self) -> bool {
        match self.content {
            Content::Copied {
                default_prevented, ..
            } => default_prevented,
            _ => self.event().default_prevented(),
        }
    }

    fn copy(&self) -> Content<'static> {
        let event = self.event();
        let type_ = event.type_().to_owned();
        let init = EventInit {
            bubbles: event.bubbles(),
            cancelable: event.cancelable(),
        };
        Content::Copied {
            event: match self.some() {
                SomeEvent::Message(event) => Made::Message(MessageEvent::new(
                    type_,
                    MessageEventInit {
                        event: init,
                        data: event.data().clone(),
                        origin: event.origin().to_owned(),
                        last_event_id: event.last_event_id().to_owned(),
                    },
                )),
                SomeEvent::Close(event) => Made::Close(CloseEvent::new(
                    type_,
                    CloseEventInit {
                        event: init,
                        was_clean: event.was_clean(),
                        code: event.code(),
                        reason: event.reason().to_owned(),
                    },
                )),
                _ => Made::Event(DomEvent::new(type_, init)),
            },
            is_trusted: self.is_trusted(),
            default_prevented: self.default_prevented(),
        }
    }
}
/// A copy of an event, which stays until `domws_event_release`; what it is asked for stays as long. Nothing can be
/// prevented or stopped by it. NULL for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_copy(event: *const Event<'_>) -> *mut Event<'static> {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, std::ptr::null_mut(), |event| {
            Some(Event::give(event.copy()))
        })
    }
}

/// Gives a copy back, or an event that was made. NULL, or the event of a callback, which nobody gave: nothing is done.
/// Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_release(event: *mut Event<'static>) {
    // SAFETY: as the header has it; but for those of the dispatcher's all are handles.
    unsafe {
        if ask(event, false, |event| Some(event.is_counted())) {
            release(event);
        }
    }
}

/// The event's interface. EVENT for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_interface(event: *const Event<'_>) -> EventInterface {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, EventInterface::Event, |event| {
            Some(match event.some() {
                SomeEvent::Message(_) => EventInterface::Message,
                SomeEvent::Close(_) => EventInterface::Close,
                _ => EventInterface::Event,
            })
        })
    }
}

/// `type`, such as "message". It stays as long as the event. Thread: the loop's. NULL: empty.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_type(event: *const Event<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, Text::EMPTY, |event| {
            Some(Text::lend(event.event().type_()))
        })
    }
}

/// `isTrusted`. False for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_is_trusted(event: *const Event<'_>) -> bool {
    // SAFETY: as the header has it.
    unsafe { ask(event, false, |event| Some(event.is_trusted())) }
}

/// `bubbles`. False for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_bubbles(event: *const Event<'_>) -> bool {
    // SAFETY: as the header has it.
    unsafe { ask(event, false, |event| Some(event.event().bubbles())) }
}

/// `cancelable`. False for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_cancelable(event: *const Event<'_>) -> bool {
    // SAFETY: as the header has it.
    unsafe { ask(event, false, |event| Some(event.event().cancelable())) }
}

/// `defaultPrevented`. False for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_default_prevented(event: *const Event<'_>) -> bool {
    // SAFETY: as the header has it.
    unsafe { ask(event, false, |event| Some(event.default_prevented())) }
}

/// `preventDefault()`. NULL, or a copy: nothing is done. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_prevent_default(event: *mut Event<'_>) {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, (), |event| {
            event.live().map(DomEvent::prevent_default)
        })
    }
}

/// `stopPropagation()`. NULL, or a copy: nothing is done. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_stop_propagation(event: *mut Event<'_>) {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, (), |event| {
            event.live().map(DomEvent::stop_propagation)
        })
    }
}

/// `stopImmediatePropagation()`. NULL, or a copy: nothing is done. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_stop_immediate_propagation(event: *mut Event<'_>) {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, (), |event| {
            event.live().map(DomEvent::stop_immediate_propagation)
        })
    }
}

/// What the message is. NONE for other events, and for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_data_type(event: *const Event<'_>) -> DataType {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, DataType::None, |event| {
            Some(match event.message()?.data() {
                MessageData::Text(_) => DataType::Text,
                MessageData::Blob(_) => DataType::Blob,
                _ => DataType::ArrayBuffer,
            })
        })
    }
}

/// `data` of a message that is text. It stays as long as the event. Other events and NULL: empty. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_text(event: *const Event<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, Text::EMPTY, |event| {
            Some(Text::lend(event.message()?.data().as_str()?))
        })
    }
}

/// `data` of a message: its bytes, also those of a text. They stay as long as the event. Other events and NULL: none.
/// Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_bytes(event: *const Event<'_>) -> Bytes {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, Bytes::lend(&[]), |event| {
            Some(Bytes::lend(event.message()?.data().as_bytes()?))
        })
    }
}

/// `origin` of a message: that of the socket's URL, such as "ws://example.com:8080". It stays as long as the event.
/// Other events and NULL: empty. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_origin(event: *const Event<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, Text::EMPTY, |event| {
            Some(Text::lend(event.message()?.origin()))
        })
    }
}

/// `wasClean` of a CloseEvent: the closing handshake was finished. Other events and NULL: false. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_was_clean(event: *const Event<'_>) -> bool {
    // SAFETY: as the header has it.
    unsafe { ask(event, false, |event| Some(event.close()?.was_clean())) }
}

/// `code` of a CloseEvent. Other events and NULL: 0. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_code(event: *const Event<'_>) -> u16 {
    // SAFETY: as the header has it.
    unsafe { ask(event, 0, |event| Some(event.close()?.code())) }
}

/// `reason` of a CloseEvent. It stays as long as the event. Other events and NULL: empty. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_reason(event: *const Event<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, Text::EMPTY, |event| {
            Some(Text::lend(event.close()?.reason()))
        })
    }
}
