//! Who is asked for a name and a password.

use crate::error::{Error, ErrorKind, Fault, guard, quietly};
use crate::object::{Object, Thread, release, retain, take};
use crate::string::Text;
use dom_websocket::Credentials;
use futures::channel::oneshot;
use std::cell::Cell;
use std::ffi::c_void;

/// A server or a proxy asks who we are. Whoever has the last handle has not answered, and is taken to give up.
pub struct Challenge {
    thread: Thread,
    host: String,
    realm: String,
    is_proxy: bool,
    scheme: AuthScheme,
    attempt: u32,
    answer: Cell<Option<oneshot::Sender<Credentials>>>,
}

/// How a password is proved.
#[repr(C)]
#[derive(Clone, Copy)]
pub enum AuthScheme {
    /// It is sent as it is: only TLS keeps it secret.
    Basic = 0,
    /// A digest of it is sent.
    Digest = 1,
    /// SOCKS5's own: it is sent as it is.
    Socks5 = 2,
}

/// Is asked for credentials, and answers by `domws_challenge_answer`: at once, or later, if it keeps the challenge by
/// `domws_challenge_retain`. The challenge is valid until it returns. Called inside of a turn. It must return: no C++
/// exception, no longjmp.
pub type CredentialsCallback =
    Option<unsafe extern "C" fn(challenge: *mut Challenge, data: *mut c_void)>;

impl Object for Challenge {
    const NAME: &'static str = "challenge";

    fn thread(&self) -> Thread {
        self.thread
    }
}

/// A provider of credentials that asks C.
#[cfg(feature = "credentials")]
pub(crate) fn provider(
    callback: unsafe extern "C" fn(*mut Challenge, *mut c_void),
    data: crate::user_data::UserData,
) -> impl Fn(dom_websocket::Challenge) -> futures::future::LocalBoxFuture<'static, Option<Credentials>>
+ 'static {
    use std::rc::Rc;

    let data = Rc::new(data);
    move |asked| {
        let (answer, answered) = oneshot::channel();
        let challenge = Rc::new(Challenge {
            thread: crate::object::Thread::current(),
            host: asked.host().to_owned(),
            realm: asked.realm().to_owned(),
            is_proxy: asked.is_proxy(),
            scheme: match asked.scheme() {
                dom_websocket::AuthScheme::Digest => AuthScheme::Digest,
                dom_websocket::AuthScheme::Socks5 => AuthScheme::Socks5,
                _ => AuthScheme::Basic,
            },
            attempt: asked.attempt(),
            answer: Cell::new(Some(answer)),
        });
        let data = data.clone();
        // SAFETY: C gave both. The challenge is valid until it returns.
        unsafe { callback(Rc::as_ptr(&challenge).cast_mut(), data.get()) };
        drop(challenge);
        Box::pin(async move { answered.await.ok() })
    }
}

/// Asks a challenge; `otherwise` for NULL, and on another thread.
///
/// # Safety
///
/// `challenge` is NULL, or a handle.
unsafe fn ask<T>(
    challenge: *const Challenge,
    otherwise: T,
    ask: impl FnOnce(&Challenge) -> T,
) -> T {
    // SAFETY: as the caller promises.
    quietly(otherwise, || Ok(ask(&*unsafe { take(challenge) }?)))
}

/// One more handle: the same pointer, to be released by `domws_challenge_release`. NULL for NULL. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_challenge_retain(challenge: *mut Challenge) -> *mut Challenge {
    // SAFETY: as the header has it.
    unsafe { retain(challenge) }
}

/// Gives a handle back; with the last one of a challenge that was not answered the connection fails. NULL: nothing is
/// done. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_challenge_release(challenge: *mut Challenge) {
    // SAFETY: as the header has it.
    unsafe { release(challenge) };
}

/// Who asks, as `host` or `host:port`. It stays as long as the handle. NULL: empty. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_challenge_host(challenge: *const Challenge) -> Text {
    // SAFETY: as the header has it.
    unsafe { ask(challenge, Text::EMPTY, |this| Text::lend(&this.host)) }
}

/// What the credentials are for. SOCKS5 has none. It stays as long as the handle. NULL: empty. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_challenge_realm(challenge: *const Challenge) -> Text {
    // SAFETY: as the header has it.
    unsafe { ask(challenge, Text::EMPTY, |this| Text::lend(&this.realm)) }
}

/// Whether a proxy asks. NULL: false. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_challenge_is_proxy(challenge: *const Challenge) -> bool {
    // SAFETY: as the header has it.
    unsafe { ask(challenge, false, |this| this.is_proxy) }
}

/// How the password will be proved. NULL: BASIC. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_challenge_scheme(challenge: *const Challenge) -> AuthScheme {
    // SAFETY: as the header has it.
    unsafe { ask(challenge, AuthScheme::Basic, |this| this.scheme) }
}

/// 1 the first time; one more each time that credentials were refused. NULL: 0. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_challenge_attempt(challenge: *const Challenge) -> u32 {
    // SAFETY: as the header has it.
    unsafe { ask(challenge, 0, |this| this.attempt) }
}

/// Answers, once: GONE the second time, and where nobody waits any more. INVALID_ARGUMENT where there is a control
/// character in one of them. False where it fails. Thread: its own. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_challenge_answer(
    challenge: *mut Challenge,
    user: Text,
    password: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let this = take(challenge)?;
            let credentials = Credentials::new(user.read()?, password.read()?);
            let credentials = credentials.map_err(|error| Fault::argument(error.to_string()))?;
            let sent = this.answer.take().map(|answer| answer.send(credentials));
            match sent {
                Some(Ok(())) => Ok(true),
                _ => Err(Fault::new(ErrorKind::Gone, "nobody waits for an answer")),
            }
        })
    }
}
