//! The document that sockets belong to.

use crate::error::{Error, guard, quietly};
use crate::object::{Object, Thread, give, release, retain, take};
use crate::string::Text;
use dom_websocket::Document as DomDocument;
use std::rc::Rc;

/// The page, or worker, whose script opens sockets: it gives them their origin and the base of relative URLs, and
/// closes them when it is unloaded. It belongs to the thread that makes it.
pub struct Document {
    thread: Thread,
    pub(crate) document: DomDocument,
}

impl Object for Document {
    const NAME: &'static str = "document";

    fn thread(&self) -> Thread {
        self.thread
    }
}

/// The document at this absolute URL, or "null" for one with an opaque origin. An `origin` that is not empty is its
/// own in place of the URL's, as a sandboxed one has. NULL, with SYNTAX, where one of them is no URL. To be given
/// back by `domws_document_release`. Thread: any, whose it is then. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_document_new(
    url: Text,
    origin: Text,
    error: *mut Error,
) -> *mut Document {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            let (url, origin) = (url.read()?, origin.read()?);
            let document = match origin.is_empty() {
                true => DomDocument::new(&url)?,
                false => DomDocument::with_origin(&url, &origin)?,
            };
            Ok(give(Rc::new(Document {
                thread: Thread::current(),
                document,
            })))
        })
    }
}

/// One more handle: the same pointer, to be released once more. NULL for NULL. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_document_retain(document: *mut Document) -> *mut Document {
    // SAFETY: as the header has it.
    unsafe { retain(document) }
}

/// Gives a handle back; its sockets stay. NULL: nothing is done. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_document_release(document: *mut Document) {
    // SAFETY: as the header has it.
    unsafe { release(document) };
}

/// The origin, as it is sent. It stays as long as the handle. NULL: empty. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_document_origin(document: *const Document) -> Text {
    quietly(Text::EMPTY, || {
        // SAFETY: as the header has it.
        Ok(Text::lend(unsafe { take(document) }?.document.origin()))
    })
}

/// Whether it has not been unloaded. False for NULL. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_document_is_fully_active(document: *const Document) -> bool {
    quietly(false, || {
        // SAFETY: as the header has it.
        Ok(unsafe { take(document) }?.document.is_fully_active())
    })
}

/// Leaves the page: ends the connection of each of its sockets, without an event, and lets no more be opened. True if
/// it is still salvageable: it had no connection open. False for NULL. Thread: its own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_document_unload(document: *mut Document) -> bool {
    // SAFETY: as the header has it.
    quietly(false, || Ok(unsafe { take(document) }?.document.unload()))
}
