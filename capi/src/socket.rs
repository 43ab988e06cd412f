//! The WebSocket object.

use crate::error::{Error, Fault, guard, quietly};
use crate::event_loop::Loop;
use crate::listener::Identity;
use crate::object::{Object, Thread, give, release, retain, take, take_if_any};
use crate::socket_options::SocketOptions;
use crate::string::Text;
use dom_websocket::{BinaryType as DomBinaryType, Edition as DomEdition, WebSocket};
use std::cell::OnceCell;
use std::rc::Rc;

/// The browser's WebSocket object. While C holds it, the same object is the same pointer, in callbacks too. When the
/// last handle goes, a socket that has a listener which an event can still reach lives on until it is closed; any
/// other is closed.
pub struct Socket {
    thread: Thread,
    socket: WebSocket,
    identity: Rc<Identity>,
    /// What was asked for once it could not change any more.
    protocol: OnceCell<String>,
    extensions: OnceCell<String>,
}

/// The text that a socket follows.
#[repr(C)]
pub enum Edition {
    /// Today's: the WHATWG WebSockets Standard over RFC 6455.
    Living = 0,
    /// HTML5 of March 2010 over draft-hixie-76.
    Html5 = 1,
}

/// `readyState`.
#[repr(C)]
pub enum ReadyState {
    /// The connection has not been established yet.
    Connecting = 0,
    /// Communication is possible.
    Open = 1,
    /// The connection is going through the closing handshake.
    Closing = 2,
    /// The connection is closed, or could not be opened.
    Closed = 3,
}

/// `binaryType`: which data type bytes are delivered as.
#[repr(C)]
pub enum BinaryType {
    /// "blob", the default.
    Blob = 0,
    /// "arraybuffer".
    ArrayBuffer = 1,
}

impl Object for Socket {
    const NAME: &'static str = "socket";

    fn thread(&self) -> Thread {
        self.thread
    }
}

impl Socket {
    pub(crate) fn new(socket: WebSocket, identity: Rc<Identity>) -> Self {
        Self {
            thread: Thread::current(),
            socket,
            identity,
            protocol: OnceCell::new(),
            extensions: OnceCell::new(),
        }
    }

    pub(crate) fn get(&self) -> &WebSocket {
        &self.socket
    }

    pub(crate) fn identity(&self) -> &Rc<Identity> {
        &self.identity
    }

    /// An attribute that changes once, when the connection is established.
    fn once_open<'a>(&self, cell: &'a OnceCell<String>, get: impl FnOnce() -> String) -> &'a str {
        match self.socket.ready_state() {
            WebSocket::CONNECTING => "",
            _ => cell.get_or_init(get),
        }
    }
}

impl Edition {
    pub(crate) fn of(edition: u32) -> Result<DomEdition, Fault> {
        match edition {
            edition if edition == Self::Living as u32 => Ok(DomEdition::Living),
            edition if edition == Self::Html5 as u32 => Ok(DomEdition::Html5),
            _ => Err(Fault::argument("there is no such edition")),
        }
    }
}

impl From<DomEdition> for Edition {
    fn from(edition: DomEdition) -> Self {
        match edition {
            DomEdition::Html5 => Self::Html5,
            _ => Self::Living,
        }
    }
}

/// Asks a socket; `otherwise` for NULL, and on another thread.
///
/// # Safety
///
/// `socket` is NULL, or a handle.
unsafe fn ask<T>(socket: *const Socket, otherwise: T, ask: impl FnOnce(&Socket) -> T) -> T {
    // SAFETY: as the caller promises.
    quietly(otherwise, || Ok(ask(&*unsafe { take(socket) }?)))
}

/// `new WebSocket(url, protocols)`: checks the arguments, and opens the connection in the background. `options` may
/// be NULL for the defaults, is read only now, and can be used again. NULL where it throws. That nobody answers is no
/// error, but an `error` and a `close` event. The handle is to be given back by `domws_socket_release`. Thread: the
/// loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_new(
    event_loop: *mut Loop,
    url: Text,
    options: *const SocketOptions,
    error: *mut Error,
) -> *mut Socket {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            let event_loop = take(event_loop)?;
            let options = take_if_any(options)?;
            let url = url.read()?;
            let socket = match options {
                Some(options) => options.open(&event_loop, &url)?,
                None => WebSocket::new(event_loop.event_loop(), &url)?,
            };
            Ok(give(Identity::begin(socket, event_loop.is_gone())))
        })
    }
}

/// One more handle: the same pointer, to be released once more. NULL for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_retain(socket: *mut Socket) -> *mut Socket {
    // SAFETY: as the header has it.
    unsafe { retain(socket) }
}

/// Gives a handle back, before or after its loop. NULL: nothing is done. Thread: the loop's; on another one nothing
/// is done, and the handle is lost.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_release(socket: *mut Socket) {
    // SAFETY: as the header has it.
    unsafe { release(socket) };
}

/// `url`. It stays as long as the handle. NULL: empty. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_url(socket: *const Socket) -> Text {
    // SAFETY: as the header has it.
    unsafe { ask(socket, Text::EMPTY, |this| Text::lend(this.socket.url())) }
}

/// `readyState`. CLOSED for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_ready_state(socket: *const Socket) -> ReadyState {
    // SAFETY: as the header has it.
    unsafe {
        ask(socket, ReadyState::Closed, |this| {
            match this.socket.ready_state() {
                WebSocket::CONNECTING => ReadyState::Connecting,
                WebSocket::OPEN => ReadyState::Open,
                WebSocket::CLOSING => ReadyState::Closing,
                _ => ReadyState::Closed,
            }
        })
    }
}

/// `bufferedAmount`, in bytes. 0 for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_buffered_amount(socket: *const Socket) -> usize {
    // SAFETY: as the header has it.
    unsafe { ask(socket, 0, |this| this.socket.buffered_amount()) }
}

/// `extensions`; empty until the connection is open. It stays as long as the handle. NULL: empty. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_extensions(socket: *const Socket) -> Text {
    // SAFETY: as the header has it.
    unsafe {
        ask(socket, Text::EMPTY, |this| {
            Text::lend(this.once_open(&this.extensions, || this.socket.extensions()))
        })
    }
}

/// `protocol`; empty until the connection is open. It stays as long as the handle. NULL: empty. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_protocol(socket: *const Socket) -> Text {
    // SAFETY: as the header has it.
    unsafe {
        ask(socket, Text::EMPTY, |this| {
            Text::lend(this.once_open(&this.protocol, || this.socket.protocol()))
        })
    }
}

/// `binaryType`. BLOB for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_binary_type(socket: *const Socket) -> BinaryType {
    // SAFETY: as the header has it.
    unsafe {
        ask(socket, BinaryType::Blob, |this| {
            match this.socket.binary_type() {
                DomBinaryType::Blob => BinaryType::Blob,
                DomBinaryType::ArrayBuffer => BinaryType::ArrayBuffer,
            }
        })
    }
}

/// Sets `binaryType`, also for what has been received and not dispatched. False where it fails. Thread: the loop's.
/// `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_set_binary_type(
    socket: *mut Socket,
    binary_type: crate::BinaryTypeArgument,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let binary_type = match binary_type {
                given if given == BinaryType::Blob as u32 => DomBinaryType::Blob,
                given if given == BinaryType::ArrayBuffer as u32 => DomBinaryType::ArrayBuffer,
                _ => return Err(Fault::argument("there is no such binary type")),
            };
            take(socket)?.socket.set_binary_type(binary_type);
            Ok(true)
        })
    }
}

/// The edition that the socket follows. LIVING for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_edition(socket: *const Socket) -> Edition {
    // SAFETY: as the header has it.
    unsafe { ask(socket, Edition::Living, |this| this.socket.edition().into()) }
}
