//! "Feedback to WebSocketStream from the protocol": what its tasks do in the engine.

use super::close_info::{create_close_info, create_dictionary};
use super::engine::Engine;
use super::language::Intrinsic;
use super::object::bound_function;
use super::realm::{RealmSlot, realm, realm_slot};
use super::stream_object::{
    CLOSED, FINISHED, OPENED, READABLE, WRITABLE, WRITTEN, control, is_pending, leave_signal,
    reject, resolve, update_liveness,
};
use super::stream_state::{Feedback, ReadyState, StreamState};
use super::web_socket_stream::{ABORT, CANCEL, CLOSE, PULL, START_READING, START_WRITING, WRITE};
use super::{dom_exception, web_socket_error};
use crate::dom::{Message, WebSocketCloseInfo, WebSocketError};
use std::slice;

/// Does what the next task of a stream's does.
pub(super) fn run<E: Engine>(
    cx: &mut E,
    state: &StreamState,
    object: &E::Value,
) -> Result<(), E::Exception> {
    // Tasks of a document that is not fully active are not run.
    if !realm(cx).document().is_fully_active() {
        update_liveness(cx, state, object);
        return Ok(());
    }
    let done = match state.take_feedback() {
        Some(Feedback::Opened {
            extensions,
            protocol,
        }) => become_open(cx, state, object, &extensions, &protocol),
        Some(Feedback::Message(message)) => receive(cx, state, object, message),
        Some(Feedback::Written(written)) => settle_write(cx, object, written),
        Some(Feedback::Closed(closed)) => become_closed(cx, state, object, closed),
        None => Ok(()),
    };
    update_liveness(cx, state, object);
    done
}

/// "The WebSocket connection is established".
fn become_open<E: Engine>(
    cx: &mut E,
    state: &StreamState,
    object: &E::Value,
    extensions: &str,
    protocol: &str,
) -> Result<(), E::Exception> {
    leave_signal(cx, state, object);
    // The literal text lets this task undo a close() that came before it, as `WebSocket`'s does; see spec-notes.
    if state.ready_state() != ReadyState::Connecting {
        return Ok(());
    }
    // Steps 1 and 2.
    state.set_ready_state(ReadyState::Open);
    state.was_ever_connected.set(true);
    // Steps 3 to 15.
    let info = match open_info(cx, object, extensions, protocol) {
        Ok(info) => info,
        // The realm's streams are not what they should be.
        Err(exception) => {
            let exception = cx.catch(exception)?;
            reject(cx, object, OPENED, exception)?;
            let _ = state.close(WebSocketCloseInfo::default());
            return Ok(());
        }
    };
    // Step 16.
    resolve(cx, object, OPENED, info)
}

/// `WebSocketOpenInfo`, with streams whose source and sink is the connection.
fn open_info<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    extensions: &str,
    protocol: &str,
) -> Result<E::Value, E::Exception> {
    let algorithms = |cx: &mut E, algorithms: &[(&'static str, _)]| {
        let mut members = Vec::new();
        for &(name, native) in algorithms {
            members.push((name, bound_function(cx, native, 1, object)?));
        }
        create_dictionary(cx, members)
    };
    let source = [("start", START_READING), ("pull", PULL), ("cancel", CANCEL)];
    let source = algorithms(cx, &source)?;
    let sink = [
        ("start", START_WRITING),
        ("write", WRITE),
        ("close", CLOSE),
        ("abort", ABORT),
    ];
    let sink = algorithms(cx, &sink)?;
    // A queue of one chunk, as streams have it by default: "set up" has the same defaults.
    let constructor = realm_slot(cx, RealmSlot::ReadableStream);
    let readable = cx.construct(&constructor, &[source])?;
    let constructor = realm_slot(cx, RealmSlot::WritableStream);
    let writable = cx.construct(&constructor, &[sink])?;
    let extensions = cx.string(extensions)?;
    let protocol = cx.string(protocol)?;
    create_dictionary(
        cx,
        [
            ("extensions", extensions),
            ("protocol", protocol),
            ("readable", readable),
            ("writable", writable),
        ],
    )
}

/// "A WebSocket message has been received". Backpressure is applied already, as it was released for one message: the
/// literal text does so behind step 3, which may have asked for the next.
fn receive<E: Engine>(
    cx: &mut E,
    state: &StreamState,
    object: &E::Value,
    message: Message,
) -> Result<(), E::Exception> {
    // Step 1.
    if state.ready_state() != ReadyState::Open {
        return Ok(());
    }
    // Step 2.
    let chunk = match message {
        Message::Text(text) => cx.string(&text)?,
        Message::Binary(bytes) => {
            let buffer = cx.new_array_buffer(bytes)?;
            let constructor = cx.intrinsic(Intrinsic::Uint8Array);
            cx.construct(&constructor, &[buffer])?
        }
    };
    // Step 3.
    control(cx, object, READABLE, "enqueue", &[chunk])
}

/// "Write", step 6.
fn settle_write<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    written: Result<(), WebSocketError>,
) -> Result<(), E::Exception> {
    match written {
        Ok(()) => {
            let undefined = cx.undefined();
            resolve(cx, object, WRITTEN, undefined)
        }
        Err(error) => {
            let error = dom_exception::new(cx, error.name(), "the message could not be sent")?;
            reject(cx, object, WRITTEN, error)
        }
    }
}

/// "The WebSocket connection is closed".
fn become_closed<E: Engine>(
    cx: &mut E,
    state: &StreamState,
    object: &E::Value,
    closed: Result<WebSocketCloseInfo, WebSocketError>,
) -> Result<(), E::Exception> {
    let is_closed_by_script = state.ready_state() == ReadyState::Closing;
    // Step 1.
    state.set_ready_state(ReadyState::Closed);
    leave_signal(cx, state, object);
    // Step 2.
    if state.handshake_aborted.get() {
        return Ok(());
    }
    // Step 3.
    if !state.was_ever_connected.get() {
        let error = web_socket_error::new(cx, NEVER_OPENED, WebSocketCloseInfo::default())?;
        reject(cx, object, OPENED, error)?;
    }
    // Steps 4 to 7. Whoever has sent a Close frame may throw away what comes behind it: where script was still writing,
    // an end that is the peer's is not a clean one.
    let is_cut = is_pending(cx, object, WRITTEN) && !is_closed_by_script;
    let settled = match closed {
        Ok(info) if !is_cut => closed_cleanly(cx, state, object, &info),
        Ok(info) => closed_uncleanly(cx, object, info),
        Err(error) => closed_uncleanly(
            cx,
            object,
            WebSocketCloseInfo {
                close_code: error.close_code(),
                reason: error.reason().to_owned(),
            },
        ),
    };
    cx.set_slot(object, READABLE, None);
    cx.set_slot(object, WRITABLE, None);
    settled
}

const NEVER_OPENED: &str = "the connection was never established";

/// Step 6. Whatever the streams say to it, the promises are settled.
fn closed_cleanly<E: Engine>(
    cx: &mut E,
    state: &StreamState,
    object: &E::Value,
    info: &WebSocketCloseInfo,
) -> Result<(), E::Exception> {
    // What script has canceled is closed already, and throws.
    let _ = control(cx, object, READABLE, "close", &[]);
    let error = dom_exception::new(cx, "InvalidStateError", "the connection is closed")?;
    if state.has_sent() {
        // It was on its way when script closed, and the closing handshake came behind it.
        settle_write(cx, object, Ok(()))?;
    }
    reject(cx, object, WRITTEN, error.clone())?;
    let writable = if is_pending(cx, object, FINISHED) {
        let undefined = cx.undefined();
        resolve(cx, object, FINISHED, undefined)
    } else {
        control(cx, object, WRITABLE, "error", &[error])
    };
    let info = create_close_info(cx, info)?;
    resolve(cx, object, CLOSED, info)?;
    writable
}

/// Step 7.
fn closed_uncleanly<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    info: WebSocketCloseInfo,
) -> Result<(), E::Exception> {
    let was_ended_by_peer = info.close_code != Some(ABNORMAL);
    let error = web_socket_error::new(cx, "the connection was not closed cleanly", info)?;
    // The peer has said that it wants no more: to script that was writing that is no failure of the connection.
    let write_error = if was_ended_by_peer && is_pending(cx, object, WRITTEN) {
        dom_exception::new(
            cx,
            "InvalidStateError",
            "the peer has closed the connection",
        )?
    } else {
        error.clone()
    };
    let readable = control(cx, object, READABLE, "error", slice::from_ref(&error));
    let writable = control(cx, object, WRITABLE, "error", slice::from_ref(&write_error));
    reject(cx, object, WRITTEN, write_error)?;
    reject(cx, object, FINISHED, error.clone())?;
    reject(cx, object, CLOSED, error)?;
    readable.and(writable)
}

/// RFC 6455 section 7.1.5: there was no Close frame.
const ABNORMAL: u16 = 1006;
