//! A socket's handlers and listeners.

use crate::error::{Error, guard};
use crate::listener::{Caller, EventCallback, Listener};
use crate::object::take;
use crate::socket::Socket;
use crate::string::Text;
use crate::user_data::{Destroy, UserData, required};
use dom_websocket::{AddEventListenerOptions, EventListener, WebSocket};
use std::ffi::c_void;

/// `capture` of addEventListener's options: called before the listeners that don't.
pub const LISTENER_CAPTURE: u32 = 1;
/// `once` of addEventListener's options: removed before its first call.
pub const LISTENER_ONCE: u32 = 2;
/// `passive` of addEventListener's options: `domws_event_prevent_default` does nothing in it.
pub const LISTENER_PASSIVE: u32 = 4;

/// Sets a handler, or clears it where there is no callback.
///
/// # Safety
///
/// As for [`take`] and [`guard`]; the callback and its data are as the header has them.
unsafe fn set_handler(
    socket: *const Socket,
    callback: EventCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
    set: impl FnOnce(&WebSocket, Option<Caller>),
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the caller promises.
    unsafe {
        guard(error, false, move || {
            let this = take(socket)?;
            let caller = callback.map(|callback| this.identity().caller(callback, data));
            set(this.get(), caller);
            Ok(true)
        })
    }
}

/// `onopen`: the connection is established. It replaces the handler before; a `callback` of NULL is `onopen = null`.
/// Its `data` goes with the handler: when it is replaced, the connection is closed, or the socket or the loop has
/// gone. False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_set_onopen(
    socket: *mut Socket,
    callback: EventCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        set_handler(
            socket,
            callback,
            data,
            destroy,
            error,
            |socket, caller| match caller {
                Some(caller) => socket.set_onopen(move |event| caller.call(event)),
                None => socket.clear_onopen(),
            },
        )
    }
}

/// `onmessage`: a message has been received. It replaces the handler before; a `callback` of NULL is `onmessage =
/// null`. Its `data` goes with the handler: when it is replaced, the connection is closed, or the socket or the loop
/// has gone. False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_set_onmessage(
    socket: *mut Socket,
    callback: EventCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        set_handler(
            socket,
            callback,
            data,
            destroy,
            error,
            |socket, caller| match caller {
                Some(caller) => socket.set_onmessage(move |event| caller.call(event.into())),
                None => socket.clear_onmessage(),
            },
        )
    }
}

/// `onerror`: the connection failed, and `close` follows at once. In the html5 edition: a frame of an unknown type
/// was skipped, and the connection lives on. It replaces the handler before; a `callback` of NULL is `onerror =
/// null`. Its `data` goes with the handler: when it is replaced, the connection is closed, or the socket or the loop
/// has gone. False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_set_onerror(
    socket: *mut Socket,
    callback: EventCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        set_handler(
            socket,
            callback,
            data,
            destroy,
            error,
            |socket, caller| match caller {
                Some(caller) => socket.set_onerror(move |event| caller.call(event)),
                None => socket.clear_onerror(),
            },
        )
    }
}

/// `onclose`: the connection is closed, or could not be opened. It is the last event. It replaces the handler before;
/// a `callback` of NULL is `onclose = null`. Its `data` goes with the handler: when it is replaced, the connection is
/// closed, or the socket or the loop has gone. False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_set_onclose(
    socket: *mut Socket,
    callback: EventCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        set_handler(
            socket,
            callback,
            data,
            destroy,
            error,
            |socket, caller| match caller {
                Some(caller) => socket.set_onclose(move |event| caller.call(event.into())),
                None => socket.clear_onclose(),
            },
        )
    }
}

/// `onend`: the peer has sent all, and the socket is half open: no message follows, and this side can go on sending
/// until it finishes or closes. No standard has it. It replaces the handler before; a `callback` of NULL is `onend =
/// null`. Its `data` goes with the handler: when it is replaced, the connection is closed, or the socket or the loop
/// has gone. False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_set_onend(
    socket: *mut Socket,
    callback: EventCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        set_handler(
            socket,
            callback,
            data,
            destroy,
            error,
            |socket, caller| match caller {
                Some(caller) => socket.set_onend(move |event| caller.call(event)),
                None => socket.clear_onend(),
            },
        )
    }
}

/// `ondrain`: there is room again, behind a `domws_socket_try_send_...` that would have blocked. No standard has it.
/// It replaces the handler before; a `callback` of NULL is `ondrain = null`. Its `data` goes with the handler: when
/// it is replaced, the connection is closed, or the socket or the loop has gone. False where it fails. Thread: the
/// loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_set_ondrain(
    socket: *mut Socket,
    callback: EventCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        set_handler(
            socket,
            callback,
            data,
            destroy,
            error,
            |socket, caller| match caller {
                Some(caller) => socket.set_ondrain(move |event| caller.call(event)),
                None => socket.clear_ondrain(),
            },
        )
    }
}

/// `addEventListener(type, callback, options)`; `options` are `DOMWS_LISTENER_CAPTURE` and its kin, added. Each call
/// adds a listener of its own. Its `data` goes with it, as with a handler. Where `listener` is not NULL, it is given
/// a handle for `domws_socket_remove_event_listener`, to be given back by `domws_listener_release`; NULL where it
/// fails. False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_add_event_listener(
    socket: *mut Socket,
    r#type: Text,
    callback: EventCallback,
    data: *mut c_void,
    destroy: Destroy,
    options: u32,
    listener: *mut *mut Listener,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        if !listener.is_null() {
            listener.write(std::ptr::null_mut());
        }
        guard(error, false, move || {
            let this = take(socket)?;
            let type_ = r#type.read()?.into_owned();
            let caller = this.identity().caller(required(callback)?, data);
            let added = EventListener::new(move |event| caller.call(event));
            let capture = options & LISTENER_CAPTURE != 0;
            let options = AddEventListenerOptions {
                capture,
                once: options & LISTENER_ONCE != 0,
                passive: options & LISTENER_PASSIVE != 0,
                signal: None,
            };
            this.get().add_event_listener_with(&type_, &added, options);
            if !listener.is_null() {
                listener.write(Listener::give(type_, capture, &added));
            }
            Ok(true)
        })
    }
}

/// `removeEventListener`: does nothing if the listener is not one of this socket, or has been removed. The handle
/// stays the caller's. False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_remove_event_listener(
    socket: *mut Socket,
    listener: *mut Listener,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let (this, known) = (take(socket)?, take(listener)?);
            let Listener {
                type_,
                listener,
                capture,
                ..
            } = &*known;
            if let Some(listener) = listener.upgrade() {
                this.get().remove_event_listener(type_, &listener, *capture);
            }
            Ok(true)
        })
    }
}
