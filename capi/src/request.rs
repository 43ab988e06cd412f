//! What a server learns of a client before it answers.

use crate::error::{Error, ErrorKind, Fault, guard, quietly};
use crate::object::{Object, Thread, check_thread};
use crate::socket::Edition;
use crate::string::{Bytes, Text};
use dom_websocket::{Answer, HttpResponse, Request as DomRequest};
use std::cell::{RefCell, RefMut};

/// The head of a client's request, for as long as the callback runs: of its opening handshake, or, in `onhttp`, of any
/// other.
pub struct Request<'a> {
    thread: Thread,
    request: &'a DomRequest,
    /// `None` where the client has its answer already.
    answer: Option<RefCell<Answer>>,
    /// The client asks for a WebSocket.
    is_handshake: bool,
}

impl Object for Request<'_> {
    const NAME: &'static str = "request";

    fn thread(&self) -> Thread {
        self.thread
    }
}

impl<'a> Request<'a> {
    /// An opening handshake, to be answered.
    pub(crate) fn open(request: &'a DomRequest) -> Self {
        Self {
            thread: Thread::current(),
            request,
            answer: Some(RefCell::new(Answer::Refuse)),
            is_handshake: true,
        }
    }

    /// One that asks for no WebSocket, to be answered.
    pub(crate) fn http(request: &'a DomRequest) -> Self {
        Self {
            answer: Some(RefCell::new(Answer::Respond(HttpResponse::new(404)))),
            is_handshake: false,
            ..Self::open(request)
        }
    }

    pub(crate) fn answered(request: &'a DomRequest) -> Self {
        Self {
            answer: None,
            ..Self::open(request)
        }
    }

    pub(crate) fn into_answer(self) -> Answer {
        self.answer.map_or(Answer::Refuse, RefCell::into_inner)
    }

    pub(crate) fn into_response(self) -> HttpResponse {
        match self.into_answer() {
            Answer::Respond(response) => response,
            _ => HttpResponse::new(403),
        }
    }

    /// Where the answer goes.
    fn answer(&self) -> Result<RefMut<'_, Answer>, Fault> {
        let gone = || Fault::new(ErrorKind::Gone, "the client has its answer");
        Ok(self.answer.as_ref().ok_or_else(gone)?.borrow_mut())
    }
}

/// The request, for the time of a call.
///
/// # Safety
///
/// `request` is NULL, or valid.
unsafe fn valid<'a>(request: *const Request<'a>) -> Result<&'a Request<'a>, Fault> {
    // SAFETY: as the caller promises.
    let request = unsafe { request.as_ref() }.ok_or_else(|| Fault::null(Request::NAME))?;
    check_thread(request, Request::NAME)?;
    Ok(request)
}

/// Asks a request for a text; empty where there is none, for NULL, and on another thread.
///
/// # Safety
///
/// `request` is NULL, or valid.
unsafe fn ask<'a>(
    request: *const Request<'a>,
    ask: impl FnOnce(&'a DomRequest) -> Option<&'a str>,
) -> Text {
    quietly(Text::EMPTY, || {
        // SAFETY: as the caller promises.
        let text = ask(unsafe { valid(request) }?.request);
        Ok(text.map_or(Text::EMPTY, Text::lend))
    })
}

/// The resource name: path and query, beginning with "/". It is valid as long as the request. NULL: empty. Thread:
/// the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_resource_name(request: *const Request<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe { ask(request, |request| Some(request.resource_name())) }
}

/// The `Host` field. It is valid as long as the request. NULL, or where there is none: empty. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_host(request: *const Request<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe { ask(request, DomRequest::host) }
}

/// The `Origin` field: the page that the client says it acts for. It is valid as long as the request. NULL, or where
/// there is none: empty. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_origin(request: *const Request<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe { ask(request, DomRequest::origin) }
}

/// The edition of the client. NULL: LIVING. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_edition(request: *const Request<'_>) -> Edition {
    quietly(Edition::Living, || {
        // SAFETY: as the header has it.
        Ok(unsafe { valid(request) }?.request.edition().into())
    })
}

/// The value of the first field of this name, whatever its case. It is valid as long as the request. Where there is
/// none, and for NULL: empty, with NULL for data. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_field(request: *const Request<'_>, name: Text) -> Text {
    quietly(Text::NONE, || {
        // SAFETY: as the header has it.
        let (request, name) = unsafe { (valid(request)?, name.read()?) };
        Ok(request.request.field(&name).map_or(Text::NONE, Text::lend))
    })
}

/// How many fields there are. NULL: 0. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_field_count(request: *const Request<'_>) -> usize {
    quietly(0, || {
        // SAFETY: as the header has it.
        Ok(unsafe { valid(request) }?.request.fields().count())
    })
}

/// The name of a field, in lower case, by its place, from 0. It is valid as long as the request. NULL, or where there
/// is none: empty. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_field_name(
    request: *const Request<'_>,
    index: usize,
) -> Text {
    // SAFETY: as the header has it.
    unsafe { ask(request, |request| Some(request.fields().nth(index)?.0)) }
}

/// The value of a field, by its place. It is valid as long as the request. NULL, or where there is none: empty.
/// Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_field_value(
    request: *const Request<'_>,
    index: usize,
) -> Text {
    // SAFETY: as the header has it.
    unsafe { ask(request, |request| Some(request.fields().nth(index)?.1)) }
}

/// A subprotocol that the client offers, by its place in the order of preference, from 0. It is valid as long as the
/// request. NULL, or behind the last one: empty. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_protocol(request: *const Request<'_>, index: usize) -> Text {
    // SAFETY: as the header has it.
    unsafe { ask(request, |request| request.protocols().nth(index)) }
}

/// The value of a cookie (RFC 6265 section 4.2.1), the first of this name. It is valid as long as the request. Where
/// there is none, and for NULL: empty, with NULL for data. Thread: the loop's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_cookie(request: *const Request<'_>, name: Text) -> Text {
    quietly(Text::NONE, || {
        // SAFETY: as the header has it.
        let (request, name) = unsafe { (valid(request)?, name.read()?) };
        let fields = request.request.fields();
        let mut cookies = fields
            .filter(|(name, _)| *name == "cookie")
            .flat_map(|(_, value)| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let found = cookies.find(|(known, _)| *known == name);
        Ok(found.map_or(Text::NONE, |(_, value)| Text::lend(value)))
    })
}

/// Has the client accepted, in `onrequest`: with this subprotocol, which has to be one that it offered, or with none
/// where it is empty. The last answer counts; without one the client is refused. INVALID_STATE in `onhttp`, GONE
/// elsewhere. False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_accept(
    request: *mut Request<'_>,
    protocol: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let (request, protocol) = (valid(request)?, protocol.read()?);
            let mut answer = request.answer()?;
            if !request.is_handshake {
                let message = "the client asks for no WebSocket";
                return Err(Fault::new(ErrorKind::InvalidState, message));
            }
            *answer = match protocol.is_empty() {
                true => Answer::accept(),
                false => Answer::accept_with(protocol),
            };
            Ok(true)
        })
    }
}

/// Has the client refused, in `onrequest` and `onhttp`: with status 403, or in draft 76 without a word. GONE elsewhere.
/// False where it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_refuse(
    request: *mut Request<'_>,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            *valid(request)?.answer()? = Answer::Refuse;
            Ok(true)
        })
    }
}

/// Answers in HTTP, in `onhttp`, and in `onrequest` to turn the client away (in draft 76 as `domws_request_refuse`):
/// with a status from 200 to 599 and a copy of the body, which is of this media type (empty:
/// `application/octet-stream`, where there is a body). INVALID_ARGUMENT for another status, GONE elsewhere. False where
/// it fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_respond(
    request: *mut Request<'_>,
    status: u16,
    media_type: Text,
    body: Bytes,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let request = valid(request)?;
            if !(200..600).contains(&status) {
                return Err(Fault::argument("no response has this status"));
            }
            let response = HttpResponse::new(status);
            let response = match (&*media_type.read()?, body.read()?) {
                ("", []) => response,
                ("", body) => response.body("application/octet-stream", body),
                (media_type, body) => response.body(media_type, body),
            };
            *request.answer()? = Answer::Respond(response);
            Ok(true)
        })
    }
}

/// Adds a field to the response that `domws_request_respond` has given before, in `onhttp` else to the 404;
/// INVALID_STATE where there is none. A name that is no token or is HTTP's framing (`Content-Length` and the like) is
/// left out; a control character in the value becomes a space. GONE outside of `onrequest` and `onhttp`. False where it
/// fails. Thread: the loop's. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_request_add_response_field(
    request: *mut Request<'_>,
    name: Text,
    value: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, false, || {
            let (request, name, value) = (valid(request)?, name.read()?, value.read()?);
            let mut answer = request.answer()?;
            let Answer::Respond(response) = &mut *answer else {
                return Err(Fault::new(ErrorKind::InvalidState, "there is no response"));
            };
            let before = std::mem::replace(response, HttpResponse::new(500));
            *response = before.field(&name, &value);
            Ok(true)
        })
    }
}
