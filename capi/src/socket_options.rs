//! What a socket can be opened with beside its address.

use crate::document::Document;
use crate::error::{Error, Fault, guard};
use crate::event_loop::Loop;
use crate::object::{Object, Thread, give, release, take_if_any};
use crate::observation::{ObserverCallback, observer};
use crate::options::{Options, change};
use crate::socket::Edition;
use crate::string::Text;
use crate::user_agent::UserAgent;
use crate::user_data::{Destroy, UserData};
use dom_websocket::{
    Document as DomDocument, DomException, Edition as DomEdition, Observation,
    UserAgent as DomUserAgent, WebSocket,
};
use std::ffi::c_void;
use std::rc::Rc;
use std::sync::atomic::Ordering::SeqCst;

/// Options of sockets. They are read when a socket is opened, and can be changed and used again; they belong to the
/// thread that makes them.
pub struct SocketOptions(Options<Settings>);

type Observer = Rc<dyn Fn(&Observation<'_>)>;

#[derive(Clone, Default)]
struct Settings {
    edition: DomEdition,
    protocols: Vec<String>,
    origin: Option<String>,
    base_url: Option<String>,
    document: Option<DomDocument>,
    user_agent: Option<DomUserAgent>,
    headers: Vec<(String, String)>,
    half_open: bool,
    observer: Option<Observer>,
}

impl Object for SocketOptions {
    const NAME: &'static str = "options";

    fn thread(&self) -> Thread {
        self.0.thread()
    }
}

impl AsRef<Options<Settings>> for SocketOptions {
    fn as_ref(&self) -> &Options<Settings> {
        &self.0
    }
}

impl Settings {
    fn document(&self) -> Result<Option<DomDocument>, DomException> {
        match (&self.document, &self.base_url, &self.origin) {
            (Some(document), _, _) => Ok(Some(document.clone())),
            (None, Some(base), Some(origin)) => DomDocument::with_origin(base, origin).map(Some),
            (None, Some(url), None) | (None, None, Some(url)) => DomDocument::new(url).map(Some),
            (None, None, None) => Ok(None),
        }
    }
}

impl SocketOptions {
    pub(crate) fn open(&self, event_loop: &Loop, url: &str) -> Result<WebSocket, Fault> {
        let settings = self.0.settings();
        let mut builder = WebSocket::builder(event_loop.event_loop(), url);
        builder
            .edition(settings.edition)
            .protocols(settings.protocols.iter().map(String::as_str))
            .half_open(settings.half_open);
        if let Some(document) = settings.document()? {
            builder.document(&document);
        }
        if let Some(user_agent) = &settings.user_agent {
            builder.user_agent(user_agent);
        }
        for (name, value) in &settings.headers {
            let added = builder.header(name, value);
            added.map_err(|error| Fault::argument(error.to_string()))?;
        }
        if let Some(observer) = settings.observer.clone() {
            let is_gone = event_loop.is_gone().clone();
            builder.observer(move |observation| {
                if !is_gone.load(SeqCst) {
                    observer(observation);
                }
            });
        }
        Ok(builder.open()?)
    }
}

/// The defaults. NULL where that fails. To be given back by `domws_socket_options_release`. Thread: any, whose it is
/// then. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_options_new(error: *mut Error) -> *mut SocketOptions {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            Ok(give(Rc::new(SocketOptions(Options::new(
                Settings::default(),
            )))))
        })
    }
}

/// Gives options back; sockets that were opened with them stay as they are. NULL: nothing is done. Thread: their own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_options_release(options: *mut SocketOptions) {
    // SAFETY: as the header has it.
    unsafe { release(options) };
}

/// The text to follow. Default: LIVING. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_options_set_edition(
    options: *mut SocketOptions,
    edition: crate::EditionArgument,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, |settings| {
            settings.edition = Edition::of(edition)?;
            Ok(())
        })
    }
}

/// Adds a subprotocol to ask for, behind those that were added before. Whether it can be one is seen when a socket is
/// opened. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_options_add_protocol(
    options: *mut SocketOptions,
    protocol: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, |settings| {
            settings.protocols.push(protocol.read()?.into_owned());
            Ok(())
        })
    }
}

/// The origin to speak for: a URL, or "null", the default where there is no base URL. Whether it is one is seen when
/// a socket is opened. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_options_set_origin(
    options: *mut SocketOptions,
    origin: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, |settings| {
            settings.origin = Some(origin.read()?.into_owned());
            Ok(())
        })
    }
}

/// What a relative URL is resolved against, in the living edition; also the origin, where no other is set. Whether it
/// is a URL is seen when a socket is opened. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_options_set_base_url(
    options: *mut SocketOptions,
    url: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, |settings| {
            settings.base_url = Some(url.read()?.into_owned());
            Ok(())
        })
    }
}

/// The document that sockets belong to, in place of an own one with the origin and base URL of these options. NULL:
/// an own one. The options keep it. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_options_set_document(
    options: *mut SocketOptions,
    document: *mut Document,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, |settings| {
            let document = take_if_any(document)?;
            settings.document = document.map(|document| document.document.clone());
            Ok(())
        })
    }
}

/// The user agent, whose settings apply. NULL: the loop's own, with the default settings. The options keep it. False
/// where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_options_set_user_agent(
    options: *mut SocketOptions,
    user_agent: *mut UserAgent,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, |settings| {
            let user_agent = take_if_any(user_agent)?;
            settings.user_agent = user_agent.map(|user_agent| user_agent.user_agent.clone());
            Ok(())
        })
    }
}

/// Adds a field to the request: a token in `Authorization`, for one. INVALID_ARGUMENT where the name is no token, the
/// value has a control character, or the field is the handshake's own. False where it fails. Thread: the options'.
/// `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_options_add_header(
    options: *mut SocketOptions,
    name: Text,
    value: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, |settings| {
            let (name, value) = (name.read()?, value.read()?);
            // Whoever takes it later takes it now.
            let tried = DomUserAgent::builder().header(&name, &value).map(drop);
            tried.map_err(|error| Fault::argument(error.to_string()))?;
            settings
                .headers
                .push((name.into_owned(), value.into_owned()));
            Ok(())
        })
    }
}

/// Whether a socket stays half open when the server has finished: an `end` event tells of that, and it can go on
/// sending until it finishes or closes. Default: no. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_options_set_half_open(
    options: *mut SocketOptions,
    half_open: bool,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, |settings| {
            settings.half_open = half_open;
            Ok(())
        })
    }
}

/// Calls this with each step of each socket's connection, beside the user agent's own observer. It replaces the one
/// before; NULL: there is none. `data` is destroyed with the options and the last of their sockets. False where it
/// fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_socket_options_set_observer(
    options: *mut SocketOptions,
    callback: ObserverCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.observer = callback.map(|callback| Rc::new(observer(callback, data)) as _);
            Ok(())
        })
    }
}
