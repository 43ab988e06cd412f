//! `WebSocketStream` (whatwg/websockets pull request 48), over the streams that the realm has.

use super::abort_signal;
use super::blob::is_buffer_source;
use super::call::{self, Call, Completion, type_error};
use super::close_info::to_close_info;
use super::convert::{dictionary, member, to_sequence, usv_string};
use super::dom_exception;
use super::engine::Engine;
use super::idl::interface;
use super::native::Interface;
use super::object::prototype_from;
use super::realm::realm;
use super::stream_object::{
    CLOSED, FINISHED, OPENED, READABLE, SIGNAL, WRITABLE, WRITTEN, abort_handshake, is_pending,
    new_promise, reject, update_liveness,
};
use super::stream_state::{ReadyState, StreamState};
use super::target::keep_registry;
use super::task;
use super::web_socket_error::close_info_of;
use crate::dom::{AbortController, Message, WebSocket, WebSocketCloseInfo};

interface! {
    interface WebSocketStream {
        constructor(1) => constructor;
        function START_READING => start_reading;
        function PULL => pull;
        function CANCEL => close_using_reason;
        function START_WRITING => start_writing;
        function WRITE => write;
        function CLOSE => finish;
        function ABORT => close_using_reason;
        function FOREIGN_ABORT => foreign_abort;
        this: StreamState;

        attribute url => |cx, this| cx.string(this.url());
        attribute opened => |cx, this| promise(cx, &this, OPENED);
        attribute closed => |cx, this| promise(cx, &this, CLOSED);
        operation close(0) => close;
    }
}

type This<'a, E> = call::This<'a, E, StreamState, StreamState>;

/// `WebSocketStreamOptions`.
struct Options<V> {
    protocols: Vec<String>,
    signal: Option<V>,
}

impl<V> Options<V> {
    fn from_value<E: Engine<Value = V>>(cx: &mut E, value: &V) -> Result<Self, E::Exception> {
        let mut options = Self {
            protocols: Vec::new(),
            signal: None,
        };
        let Some(dictionary) = dictionary(cx, value)? else {
            return Ok(options);
        };
        if let Some(protocols) = member(cx, &dictionary, "protocols")? {
            options.protocols = to_sequence(cx, &protocols, |cx, value| usv_string(cx, &value))?;
        }
        if let Some(signal) = member(cx, &dictionary, "signal")? {
            if !abort_signal::is_signal(cx, &signal)? {
                return Err(type_error(cx, "the signal is not an AbortSignal"));
            }
            options.signal = Some(signal);
        }
        Ok(options)
    }
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>, new_target: &E::Value) -> Completion<E> {
    let url = call.argument(cx, 0);
    let url = usv_string(cx, &url)?;
    let options = call.argument(cx, 1);
    let options = Options::from_value(cx, &options)?;
    // The prototype is asked for before the constructor's own steps.
    let prototype = prototype_from(cx, new_target, Interface::WebSocketStream)?;
    let aborted = match &options.signal {
        Some(signal) => abort_signal::is_aborted(cx, signal)?,
        None => false,
    };
    // Steps 1 to 5, 7, 9 and 10. Nothing is opened for a signal that is aborted.
    let realm = realm(cx);
    let handshake = AbortController::new();
    if aborted {
        handshake.abort();
    }
    let mut builder = WebSocket::builder(realm.event_loop(), &url);
    builder
        .edition(realm.edition())
        .document(realm.document())
        .protocols(options.protocols.iter().map(String::as_str))
        .signal(&handshake.signal());
    if let Some(user_agent) = realm.user_agent() {
        builder.user_agent(user_agent);
    }
    let stream = builder
        .open_stream()
        .map_err(|exception| dom_exception::rethrow(cx, &exception))?;
    let state = StreamState::new(&realm, stream, handshake);
    let object = cx.new_host_object(&prototype, state.clone())?;
    keep_registry(cx, &object);
    // Step 6.
    new_promise(cx, &object, OPENED)?;
    new_promise(cx, &object, CLOSED)?;
    // Step 8.
    if let Some(signal) = options.signal {
        if aborted {
            state.handshake_aborted.set(true);
            state.set_ready_state(ReadyState::Closed);
            let reason = abort_signal::abort_reason(cx, &signal)?;
            reject(cx, &object, OPENED, reason.clone())?;
            reject(cx, &object, CLOSED, reason)?;
            return Ok(object);
        }
        cx.set_slot(&object, SIGNAL, Some(signal.clone()));
        abort_signal::abort_handshake_with(cx, &signal, &state, &object, FOREIGN_ABORT)?;
    }
    task::carry(&state);
    Ok(object)
}

/// One of the two promises. Whoever has it waits for what it tells of.
fn promise<E: Engine>(cx: &mut E, this: &This<'_, E>, slot: usize) -> Completion<E> {
    let (state, object) = (this.host_defined, this.object());
    if !state.is_awaited.replace(true) {
        update_liveness(cx, state, object);
        task::catch_up(state);
    }
    match cx.slot(object, slot) {
        Some(promise) => Ok(promise),
        None => Ok(cx.undefined()),
    }
}

fn close<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let info = this.value(cx);
    let info = to_close_info(cx, &info)?;
    match this.close(info) {
        Ok(()) => Ok(cx.undefined()),
        Err(exception) => Err(dom_exception::rethrow(cx, &exception)),
    }
}

// --- The readable's source, and the writable's sink: `this` is the WebSocketStream. ---

fn start_reading<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    start(cx, call, READABLE)
}

fn start_writing<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    start(cx, call, WRITABLE)
}

/// Notes the controller.
fn start<E: Engine>(cx: &mut E, call: &Call<E>, slot: usize) -> Completion<E> {
    call.host_defined::<StreamState>(cx)?;
    let controller = call.argument(cx, 0);
    cx.set_slot(&call.this, slot, Some(controller));
    Ok(cx.undefined())
}

/// "Pull bytes".
fn pull<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    call.host_defined::<StreamState>(cx)?.pull();
    Ok(cx.undefined())
}

/// "Write".
fn write<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let state = call.host_defined::<StreamState>(cx)?;
    // Steps 2 to 5.
    let chunk = call.argument(cx, 0);
    let message = if is_buffer_source(cx, &chunk)? {
        Message::Binary(cx.with_bytes(&chunk, <[u8]>::to_vec)?)
    } else {
        Message::Text(usv_string(cx, &chunk)?)
    };
    if is_pending(cx, &call.this, WRITTEN) || state.ready_state() == ReadyState::Closed {
        return Err(type_error(cx, "there is no room"));
    }
    // Steps 1, 6 and 7. What is not sent any more is not said to have been: it is for the end to settle.
    let promise = new_promise(cx, &call.this, WRITTEN)?;
    if state.ready_state() == ReadyState::Open {
        state.write(message);
    }
    Ok(promise)
}

/// "Close", of the writable: the connection's closing handshake has to be over, too.
fn finish<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let state = call.host_defined::<StreamState>(cx)?;
    state
        .close(WebSocketCloseInfo::default())
        .map_err(|exception| dom_exception::rethrow(cx, &exception))?;
    match state.ready_state() {
        ReadyState::Closed => Ok(cx.undefined()),
        _ => new_promise(cx, &call.this, FINISHED),
    }
}

/// "Close using reason".
fn close_using_reason<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let state = call.host_defined::<StreamState>(cx)?;
    let reason = call.argument(cx, 0);
    // Steps 1 to 3.
    let info = close_info_of(cx, &reason).unwrap_or_default();
    // Step 4.
    if state.close(info).is_err() {
        let _ = state.close(WebSocketCloseInfo::default());
    }
    Ok(cx.undefined())
}

/// A signal of the realm's own has been aborted.
fn foreign_abort<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    call.host_defined::<StreamState>(cx)?;
    if let Some(signal) = cx.slot(&call.this, SIGNAL) {
        let reason = abort_signal::abort_reason(cx, &signal)?;
        abort_handshake(cx, &call.this, &reason)?;
    }
    Ok(cx.undefined())
}
