//! Callbacks for a socket's events.

use crate::event::Event;
use crate::object::{Object, Thread, give, release};
use crate::socket::Socket;
use crate::user_data::UserData;
use dom_websocket::{Dispatch, EventListener, WeakEventListener, WebSocket};
use std::cell::RefCell;
use std::ffi::c_void;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// Hears of an event. `socket` is where it is dispatched; it and `event` are valid until this returns, and to be kept
/// beyond by `domws_socket_retain` and `domws_event_copy`. In it, handles can be released, handlers replaced, and the
/// loop ended. It must return: no C++ exception, no longjmp.
pub type EventCallback =
    Option<unsafe extern "C" fn(socket: *mut Socket, event: *mut Event<'_>, data: *mut c_void)>;

/// [`EventCallback`], where there is one.
pub(crate) type EventFunction = unsafe extern "C" fn(*mut Socket, *mut Event<'_>, *mut c_void);

/// A listener that was added, to be removed by. It keeps neither the listener nor its data.
pub struct Listener {
    thread: Thread,
    pub(crate) type_: String,
    pub(crate) capture: bool,
    pub(crate) listener: WeakEventListener,
}

impl Object for Listener {
    const NAME: &'static str = "listener";

    fn thread(&self) -> Thread {
        self.thread
    }
}

impl Listener {
    pub(crate) fn give(type_: String, capture: bool, listener: &EventListener) -> *mut Self {
        give(Rc::new(Self {
            thread: Thread::current(),
            type_,
            capture,
            listener: listener.downgrade(),
        }))
    }
}

/// What all callbacks of a socket know of it, and its handle too. It owns neither.
pub(crate) struct Identity {
    /// The loop has been ended: nothing calls C any more.
    is_gone: Arc<AtomicBool>,
    /// The same object is the same pointer, as long as C has one.
    handle: RefCell<Weak<Socket>>,
}

impl Identity {
    /// The first handle of a socket.
    pub(crate) fn begin(socket: WebSocket, is_gone: &Arc<AtomicBool>) -> Rc<Socket> {
        let identity = Rc::new(Self {
            is_gone: is_gone.clone(),
            handle: RefCell::default(),
        });
        identity.handle_of(&socket)
    }

    fn handle_of(self: &Rc<Self>, socket: &WebSocket) -> Rc<Socket> {
        if let Some(handle) = self.handle.borrow().upgrade() {
            return handle;
        }
        let handle = Rc::new(Socket::new(socket.clone(), self.clone()));
        *self.handle.borrow_mut() = Rc::downgrade(&handle);
        handle
    }

    pub(crate) fn caller(self: &Rc<Self>, callback: EventFunction, data: UserData) -> Caller {
        Caller {
            identity: self.clone(),
            callback,
            data,
        }
    }
}

/// What calls C for an event.
pub(crate) struct Caller {
    identity: Rc<Identity>,
    callback: EventFunction,
    data: UserData,
}

impl Caller {
    pub(crate) fn call(&self, dispatch: Dispatch<'_>) {
        if self.identity.is_gone.load(SeqCst) {
            return;
        }
        let socket = self.identity.handle_of(dispatch.target());
        let mut event = Event::dispatched(dispatch);
        // SAFETY: C gave callback and data, and this is the loop's thread. Both pointers are valid until it returns.
        unsafe {
            (self.callback)(
                Rc::as_ptr(&socket).cast_mut(),
                &raw mut event,
                self.data.get(),
            );
        }
    }
}

/// Gives a listener's handle back; the listener stays where it was added. NULL: nothing is done. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_listener_release(listener: *mut Listener) {
    // SAFETY: as the header has it.
    unsafe { release(listener) };
}
