//! What sockets share.

use crate::error::{Error, guard};
use crate::object::{Object, Thread, give, release, retain, take_if_any};
use crate::user_agent_options::UserAgentOptions;
use dom_websocket::UserAgent as DomUserAgent;
use std::rc::Rc;

/// What sockets share: proxies, cookies, certificates, limits, timeouts, and the queue of those that are connecting.
/// It belongs to the thread that makes it.
pub struct UserAgent {
    thread: Thread,
    pub(crate) user_agent: DomUserAgent,
}

impl Object for UserAgent {
    const NAME: &'static str = "user agent";

    fn thread(&self) -> Thread {
        self.thread
    }
}

/// A user agent with these options, which may be NULL for the defaults, are read only now, and can be used again.
/// NULL where that fails. To be given back by `domws_user_agent_release`. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_new(
    options: *const UserAgentOptions,
    error: *mut Error,
) -> *mut UserAgent {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            let options = take_if_any(options)?;
            let user_agent = options.map(|options| options.build()).unwrap_or_default();
            Ok(give(Rc::new(UserAgent {
                thread: Thread::current(),
                user_agent,
            })))
        })
    }
}

/// One more handle: the same pointer, to be released once more. NULL for NULL. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_retain(user_agent: *mut UserAgent) -> *mut UserAgent {
    // SAFETY: as the header has it.
    unsafe { retain(user_agent) }
}

/// Gives a handle back; its sockets keep it. NULL: nothing is done. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_release(user_agent: *mut UserAgent) {
    // SAFETY: as the header has it.
    unsafe { release(user_agent) };
}
