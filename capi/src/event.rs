//! Events, as listeners see them.

use crate::error::quietly;
use crate::object::Thread;
use crate::object::{Object, check_thread};
use crate::string::{Bytes, Text};
use dom_websocket::{
    CloseEvent, Dispatch, Event as DomEvent, MessageData, MessageEvent, SomeEvent,
};

/// An event. The one that a callback is called with is valid until that returns: `domws_event_copy` makes one that
/// stays.
pub struct Event<'a> {
    thread: Thread,
    content: Content<'a>,
}

enum Content<'a> {
    /// Under way: it is the dispatcher's.
    Dispatched(Dispatch<'a>),
    Copied(Box<Copied>),
}

struct Copied {
    type_: String,
    is_trusted: bool,
    cancelable: bool,
    default_prevented: bool,
    interface: Interface,
}

enum Interface {
    Event,
    Message {
        data: MessageData,
        origin: String,
    },
    Close {
        was_clean: bool,
        code: u16,
        reason: String,
    },
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

    fn under_way(&self) -> Option<&DomEvent> {
        match &self.content {
            Content::Dispatched(dispatch) => Some(dispatch),
            Content::Copied(_) => None,
        }
    }

    fn message(&self) -> Option<(&MessageData, &str)> {
        match &self.content {
            Content::Dispatched(dispatch) => {
                let event: &MessageEvent = match SomeEvent::from(*dispatch) {
                    SomeEvent::Message(event) => event,
                    _ => return None,
                };
                Some((event.data(), event.origin()))
            }
            Content::Copied(copied) => match &copied.interface {
                Interface::Message { data, origin } => Some((data, origin)),
                _ => None,
            },
        }
    }

    fn close(&self) -> Option<(bool, u16, &str)> {
        match &self.content {
            Content::Dispatched(dispatch) => {
                let event: &CloseEvent = match SomeEvent::from(*dispatch) {
                    SomeEvent::Close(event) => event,
                    _ => return None,
                };
                Some((event.was_clean(), event.code(), event.reason()))
            }
            Content::Copied(copied) => match &copied.interface {
                Interface::Close {
                    was_clean,
                    code,
                    reason,
                } => Some((*was_clean, *code, reason)),
                _ => None,
            },
        }
    }

    fn type_(&self) -> &str {
        match &self.content {
            Content::Dispatched(dispatch) => DomEvent::type_(dispatch_event(dispatch)),
            Content::Copied(copied) => &copied.type_,
        }
    }

    fn is_trusted(&self) -> bool {
        match &self.content {
            Content::Dispatched(dispatch) => dispatch.is_trusted(),
            Content::Copied(copied) => copied.is_trusted,
        }
    }

    fn cancelable(&self) -> bool {
        match &self.content {
            Content::Dispatched(dispatch) => dispatch.cancelable(),
            Content::Copied(copied) => copied.cancelable,
        }
    }

    fn default_prevented(&self) -> bool {
        match &self.content {
            Content::Dispatched(dispatch) => dispatch.default_prevented(),
            Content::Copied(copied) => copied.default_prevented,
        }
    }

    fn copy(&self) -> Event<'static> {
        let interface = match (self.message(), self.close()) {
            (Some((data, origin)), _) => Interface::Message {
                data: data.clone(),
                origin: origin.to_owned(),
            },
            (_, Some((was_clean, code, reason))) => Interface::Close {
                was_clean,
                code,
                reason: reason.to_owned(),
            },
            _ => Interface::Event,
        };
        Event {
            thread: self.thread,
            content: Content::Copied(Box::new(Copied {
                type_: self.type_().to_owned(),
                is_trusted: self.is_trusted(),
                cancelable: self.cancelable(),
                default_prevented: self.default_prevented(),
                interface,
            })),
        }
    }
}

fn dispatch_event<'a>(dispatch: &'a Dispatch<'a>) -> &'a DomEvent {
    dispatch
}

/// A copy of an event, which stays until `domws_event_release`; what it is asked for stays as long. Nothing can be
/// prevented or stopped by it. NULL for NULL. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_copy(event: *const Event<'_>) -> *mut Event<'static> {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, std::ptr::null_mut(), |event| {
            Some(Box::into_raw(Box::new(event.copy())))
        })
    }
}

/// Gives a copy back. NULL, or the event of a callback, which nobody gave: nothing is done. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_release(event: *mut Event<'static>) {
    // SAFETY: as the header has it.
    let is_copy = unsafe { ask(event, false, |event| Some(event.under_way().is_none())) };
    if is_copy {
        quietly((), || {
            // SAFETY: copies are boxes, and nobody uses it again.
            drop(unsafe { Box::from_raw(event) });
            Ok(())
        });
    }
}

/// The event's interface. EVENT for NULL. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_interface(event: *const Event<'_>) -> EventInterface {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, EventInterface::Event, |event| {
            Some(match (event.message(), event.close()) {
                (Some(_), _) => EventInterface::Message,
                (_, Some(_)) => EventInterface::Close,
                _ => EventInterface::Event,
            })
        })
    }
}

/// `type`, such as "message". It stays as long as the event. Thread: the loop's. NULL: empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_type(event: *const Event<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe { ask(event, Text::EMPTY, |event| Some(Text::lend(event.type_()))) }
}

/// `isTrusted`. False for NULL. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_is_trusted(event: *const Event<'_>) -> bool {
    // SAFETY: as the header has it.
    unsafe { ask(event, false, |event| Some(event.is_trusted())) }
}

/// `cancelable`. False for NULL. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_cancelable(event: *const Event<'_>) -> bool {
    // SAFETY: as the header has it.
    unsafe { ask(event, false, |event| Some(event.cancelable())) }
}

/// `defaultPrevented`. False for NULL. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_default_prevented(event: *const Event<'_>) -> bool {
    // SAFETY: as the header has it.
    unsafe { ask(event, false, |event| Some(event.default_prevented())) }
}

/// `preventDefault()`. NULL, or a copy: nothing is done. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_prevent_default(event: *mut Event<'_>) {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, (), |event| {
            event.under_way().map(DomEvent::prevent_default)
        })
    }
}

/// `stopPropagation()`. NULL, or a copy: nothing is done. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_stop_propagation(event: *mut Event<'_>) {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, (), |event| {
            event.under_way().map(DomEvent::stop_propagation)
        })
    }
}

/// `stopImmediatePropagation()`. NULL, or a copy: nothing is done. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_stop_immediate_propagation(event: *mut Event<'_>) {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, (), |event| {
            event.under_way().map(DomEvent::stop_immediate_propagation)
        })
    }
}

/// What the message is. NONE for other events, and for NULL. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_data_type(event: *const Event<'_>) -> DataType {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, DataType::None, |event| {
            let (data, _) = event.message()?;
            Some(match data {
                MessageData::Text(_) => DataType::Text,
                MessageData::Blob(_) => DataType::Blob,
                _ => DataType::ArrayBuffer,
            })
        })
    }
}

/// `data` of a message that is text. It stays as long as the event. Other events and NULL: empty. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_text(event: *const Event<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, Text::EMPTY, |event| {
            Some(Text::lend(event.message()?.0.as_str()?))
        })
    }
}

/// `data` of a message: its bytes, also those of a text. They stay as long as the event. Other events and NULL: none.
/// Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_bytes(event: *const Event<'_>) -> Bytes {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, Bytes::lend(&[]), |event| {
            Some(Bytes::lend(event.message()?.0.as_bytes()?))
        })
    }
}

/// `origin` of a message: that of the socket's URL, such as "ws://example.com:8080". It stays as long as the event.
/// Other events and NULL: empty. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_origin(event: *const Event<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, Text::EMPTY, |event| {
            Some(Text::lend(event.message()?.1))
        })
    }
}

/// `wasClean` of a CloseEvent: the closing handshake was finished. Other events and NULL: false. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_was_clean(event: *const Event<'_>) -> bool {
    // SAFETY: as the header has it.
    unsafe { ask(event, false, |event| Some(event.close()?.0)) }
}

/// `code` of a CloseEvent. Other events and NULL: 0. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_code(event: *const Event<'_>) -> u16 {
    // SAFETY: as the header has it.
    unsafe { ask(event, 0, |event| Some(event.close()?.1)) }
}

/// `reason` of a CloseEvent. It stays as long as the event. Other events and NULL: empty. Thread: the loop's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_reason(event: *const Event<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe {
        ask(event, Text::EMPTY, |event| {
            Some(Text::lend(event.close()?.2))
        })
    }
}
