//! Events that C makes and dispatches itself.

use crate::error::{Error, ErrorKind, Fault, guard};
use crate::event::{Content, DataType, Event, Made};
use crate::object::{Object, check_thread, take};
use crate::socket::Socket;
use crate::string::{Bytes, Text};
use dom_websocket::{
    Blob, CloseEvent, CloseEventInit, Event as DomEvent, EventInit, MessageEvent, MessageEventInit,
};

/// `bubbles` of an event's options. No socket has a parent for it to bubble to.
pub const EVENT_BUBBLES: u32 = 1;
/// `cancelable` of an event's options: `domws_event_prevent_default` does something.
pub const EVENT_CANCELABLE: u32 = 2;

fn init(options: u32) -> EventInit {
    EventInit {
        bubbles: options & EVENT_BUBBLES != 0,
        cancelable: options & EVENT_CANCELABLE != 0,
    }
}

/// `new Event(type, options)`; `options` are `DOMWS_EVENT_BUBBLES` and its kin, added. NULL where it fails. To be given
/// back by `domws_event_release`. Thread: any, whose it is then. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_new(
    r#type: Text,
    options: u32,
    error: *mut Error,
) -> *mut Event<'static> {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            let event = DomEvent::new(r#type.read()?.into_owned(), init(options));
            Ok(Event::give(Content::Made(Made::Event(event))))
        })
    }
}

/// `new MessageEvent(type, options)`, with a copy of `data`, as what `data_type` says: text is read as any other; NONE
/// is INVALID_ARGUMENT. Otherwise as `domws_event_new`. NULL where it fails. Thread: any, whose it is then. `error` may
/// be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_new_message(
    r#type: Text,
    options: u32,
    data_type: crate::DataTypeArgument,
    data: Bytes,
    origin: Text,
    error: *mut Error,
) -> *mut Event<'static> {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            let data = match data_type {
                given if given == DataType::Text as u32 => {
                    data.as_text().read()?.into_owned().into()
                }
                given if given == DataType::Blob as u32 => Blob::new(data.read()?).into(),
                given if given == DataType::ArrayBuffer as u32 => data.read()?.to_vec().into(),
                _ => return Err(Fault::argument("a message has no such data")),
            };
            let init = MessageEventInit {
                event: init(options),
                data,
                origin: origin.read()?.into_owned(),
                ..MessageEventInit::default()
            };
            let event = MessageEvent::new(r#type.read()?.into_owned(), init);
            Ok(Event::give(Content::Made(Made::Message(event))))
        })
    }
}

/// `new CloseEvent(type, options)`. Otherwise as `domws_event_new`. NULL where it fails. Thread: any, whose it is then.
/// `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_event_new_close(
    r#type: Text,
    options: u32,
    was_clean: bool,
    code: u16,
    reason: Text,
    error: *mut Error,
) -> *mut Event<'static> {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            let init = CloseEventInit {
                event: init(options),
                was_clean,
                code,
                reason: reason.read()?.into_owned(),
            };
            let event = CloseEvent::new(r#type.read()?.into_owned(), init);
            Ok(Event::give(Content::Made(Made::Close(event))))
        })
    }
}

/// `dispatchEvent(event)`: calls the listeners before it returns, each with an event that is the same by another
/// pointer. The event stays the caller's, and can be dispatched again. False where a listener prevented the default,
/// with NONE, and where it fails: INVALID_STATE while it is dispatched already, INVALID_ARGUMENT for a copy. Thread:
/// the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_dispatch_event(
    socket: *mut Socket,
    event: *mut Event<'static>,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let socket = take(socket)?;
            let known = event.as_ref().ok_or_else(|| Fault::null(Event::NAME))?;
            check_thread(known, Event::NAME)?;
            match known.content {
                Content::Dispatched(_) => {
                    let message = "the event is being dispatched";
                    Err(Fault::new(ErrorKind::InvalidState, message))
                }
                Content::Copied { .. } => Err(Fault::argument("a copy can't be dispatched")),
                // It stays, even if a listener gives it back.
                Content::Made(_) => Ok(socket.get().dispatch_event(take(event)?.some())?),
            }
        })
    }
}
