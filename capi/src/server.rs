//! The listening side.

use crate::error::{Error, Fault, guard, quietly};
use crate::event_loop::Loop;
use crate::listener::Identity;
use crate::object::{Object, Thread, give, release, retain, take, take_if_any};
use crate::request::Request;
use crate::server_options::ServerOptions;
use crate::socket::Socket;
use crate::string::Text;
use crate::user_data::{Destroy, UserData, required};
use dom_websocket::{Answer, HttpResponse, Server as DomServer, ServerBuilder};
use std::ffi::{c_int, c_void};
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// A listening socket for WebSocket clients. With its last handle it is closed; connections live on.
pub struct Server {
    thread: Thread,
    server: DomServer,
    address: String,
    is_gone: Arc<AtomicBool>,
}

/// Is asked for an answer to a client, and gives it by `domws_request_accept` or `domws_request_respond`; without one
/// the client is refused. `request` is valid until it returns. It must return: no C++ exception, no longjmp.
pub type RequestCallback =
    Option<unsafe extern "C" fn(request: *mut Request<'_>, data: *mut c_void)>;

/// Gets an open connection, with the request that led to it. Whatever listeners it adds hear `open` next, and miss
/// nothing. It keeps the socket by a listener or by `domws_socket_retain`, or the connection is closed. Both are
/// valid until it returns. It must return: no C++ exception, no longjmp.
pub type ConnectionCallback =
    Option<unsafe extern "C" fn(socket: *mut Socket, request: *mut Request<'_>, data: *mut c_void)>;

impl Object for Server {
    const NAME: &'static str = "server";

    fn thread(&self) -> Thread {
        self.thread
    }
}

/// Makes a server of what is listened with.
///
/// # Safety
///
/// As for [`take`] and [`guard`].
unsafe fn make(
    event_loop: *const Loop,
    options: *const ServerOptions,
    error: *mut Error,
    listen: impl FnOnce(&ServerBuilder<'_>) -> Result<DomServer, Fault>,
) -> *mut Server {
    // SAFETY: as the caller promises.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            let event_loop = take(event_loop)?;
            let options = take_if_any(options)?;
            let server = match &options {
                Some(options) => listen(&options.builder(event_loop.event_loop())?)?,
                None => listen(&DomServer::builder(event_loop.event_loop()))?,
            };
            Ok(give(Rc::new(Server {
                thread: Thread::current(),
                address: server.local_addr().to_string(),
                server,
                is_gone: event_loop.is_gone().clone(),
            })))
        })
    }
}

/// Binds an address, such as `127.0.0.1:9001` or `[::]:9001`, and accepts clients from the loop's next turn on. Port
/// 0 takes a free one. `options` may be NULL for the defaults, are read only now, and can be used again. NULL where
/// it fails: IO where it can't be bound. To be given back by `domws_server_release`. Thread: the loop's. `error` may
/// be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_listen(
    event_loop: *mut Loop,
    address: Text,
    options: *const ServerOptions,
    error: *mut Error,
) -> *mut Server {
    // SAFETY: as the header has it.
    unsafe {
        make(event_loop, options, error, |builder| {
            let server = builder.listen(&*address.read()?);
            server.map_err(|error| Fault::io(&error))
        })
    }
}

/// Accepts the clients of a TCP socket that listens already: one that was inherited, as of systemd, or has options of
/// its own. The descriptor is duplicated, and stays the caller's; it doesn't block from now on (O_NONBLOCK is of both).
/// UNSUPPORTED where the system is no Unix. Otherwise as `domws_server_listen`. NULL where it fails. Thread: the loop's.
/// `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_from_descriptor(
    event_loop: *mut Loop,
    descriptor: c_int,
    options: *const ServerOptions,
    error: *mut Error,
) -> *mut Server {
    // SAFETY: as the header has it.
    unsafe {
        make(event_loop, options, error, |builder| {
            let server = builder.from_listener(duplicate(descriptor)?);
            server.map_err(|error| Fault::io(&error))
        })
    }
}

/// # Safety
///
/// The descriptor stays open meanwhile.
#[cfg(unix)]
unsafe fn duplicate(descriptor: c_int) -> Result<TcpListener, Fault> {
    use std::os::fd::BorrowedFd;
    if descriptor < 0 {
        return Err(Fault::argument("there is no such descriptor"));
    }
    // SAFETY: as the caller promises.
    let duplicate = unsafe { BorrowedFd::borrow_raw(descriptor) }.try_clone_to_owned();
    Ok(duplicate.map_err(|error| Fault::io(&error))?.into())
}

#[cfg(not(unix))]
unsafe fn duplicate(_: c_int) -> Result<TcpListener, Fault> {
    Err(Fault::unsupported("there are no descriptors here"))
}

/// One more handle: the same pointer, to be released once more. NULL for NULL. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_retain(server: *mut Server) -> *mut Server {
    // SAFETY: as the header has it.
    unsafe { retain(server) }
}

/// Gives a handle back, before or after its loop; the last one closes the server. NULL: nothing is done. Thread: the
/// loop's; on another one nothing is done, and the handle is lost.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_release(server: *mut Server) {
    // SAFETY: as the header has it.
    unsafe { release(server) };
}

/// The address that is listened at, with its port. It stays as long as the handle. NULL: empty. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_address(server: *const Server) -> Text {
    quietly(Text::EMPTY, || {
        // SAFETY: as the header has it.
        Ok(Text::lend(&unsafe { take(server) }?.address))
    })
}

/// The port that is listened at. NULL: 0. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_port(server: *const Server) -> u16 {
    quietly(0, || {
        // SAFETY: as the header has it.
        Ok(unsafe { take(server) }?.server.local_addr().port())
    })
}

/// Sets a callback, which must be there.
///
/// # Safety
///
/// As for [`take`] and [`guard`].
unsafe fn set<C>(
    server: *const Server,
    callback: Option<C>,
    error: *mut Error,
    set: impl FnOnce(&DomServer, C, Arc<AtomicBool>),
) -> bool {
    // SAFETY: as the caller promises.
    unsafe {
        guard(error, false, move || {
            let this = take(server)?;
            set(&this.server, required(callback)?, this.is_gone.clone());
            Ok(true)
        })
    }
}

/// Sets what answers a client before the handshake goes on. It replaces the one before. Where none was ever set every
/// client is accepted, with the first subprotocol that it offers. `data` is destroyed when it is replaced, or with
/// the server. False where it fails, as for a `callback` of NULL. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_set_onrequest(
    server: *mut Server,
    callback: RequestCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        set(server, callback, error, move |server, callback, is_gone| {
            server.set_onrequest(move |request| {
                if is_gone.load(SeqCst) {
                    return Answer::Refuse;
                }
                let mut request = Request::open(request);
                callback(&raw mut request, data.get());
                request.into_answer()
            });
        })
    }
}

/// Sets what answers GET requests that ask for no WebSocket, by `domws_request_respond`: a page that opens one, say, or
/// whether the server is well. Without an answer it is 404. It replaces the one before; where none was ever set they
/// get 400, as other methods do. It is no web server: each response ends its connection. `data` is destroyed when it is
/// replaced, or with the server. False where it fails, as for a `callback` of NULL. Thread: the loop's. `error` may be
/// NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_set_onhttp(
    server: *mut Server,
    callback: RequestCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        set(server, callback, error, move |server, callback, is_gone| {
            server.set_onhttp(move |request| {
                if is_gone.load(SeqCst) {
                    return HttpResponse::new(503);
                }
                let mut request = Request::http(request);
                callback(&raw mut request, data.get());
                request.into_response()
            });
        })
    }
}

/// Sets what gets each open connection. It replaces the one before; without one connections are closed. `data` is
/// destroyed when it is replaced, or with the server. False where it fails, as for a `callback` of NULL. Thread: the
/// loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_set_onconnection(
    server: *mut Server,
    callback: ConnectionCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        set(server, callback, error, move |server, callback, is_gone| {
            server.set_onconnection(move |socket, request| {
                if is_gone.load(SeqCst) {
                    return;
                }
                let socket = Identity::begin(socket, &is_gone);
                let mut request = Request::answered(request);
                let socket_of_c = Rc::as_ptr(&socket).cast_mut();
                callback(socket_of_c, &raw mut request, data.get());
            });
        })
    }
}

/// Stops listening, and lets go of the callbacks. Connections live on. NULL: nothing is done. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_close(server: *mut Server) {
    quietly((), || {
        // SAFETY: as the header has it.
        unsafe { take(server) }?.server.close();
        Ok(())
    });
}
