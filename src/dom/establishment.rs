//! "Establish a WebSocket connection": what the constructors have in common.

use super::abort::AbortSignal;
use super::{Document, DomException, WebSocketBuilder};
use crate::edition::Edition;
use crate::event_loop::{Shared, TaskSource};
use crate::protocol::{ConnectionOptions, Delivery, WireFailure, url};
use crate::user_agent::{ConnectRequest, Observer, UserAgent};
use ::url::Url;
use std::any::Any;
use std::rc::{Rc, Weak};
use std::sync::Arc;

/// A connection that is being established, for an object that there is not yet.
pub(super) struct Establishment {
    pub(super) edition: Edition,
    pub(super) url: Url,
    pub(super) document: Option<Document>,
    pub(super) options: Arc<ConnectionOptions>,
    pub(super) half_open: bool,
    pub(super) source: Rc<TaskSource>,
    pub(super) on_open: OnOpen,
}

/// What depends on the kind of object.
pub(super) struct Manner {
    pub(super) half_open: bool,
    pub(super) delivery: Delivery,
    pub(super) observer: Option<Observer>,
}

impl Establishment {
    /// The constructors of r4820, of the WebSockets Standard and of `WebSocketStream`, up to the object.
    pub(super) fn begin(
        options: &WebSocketBuilder<'_>,
        manner: Manner,
    ) -> Result<Self, DomException> {
        let document = options.document_of_socket()?;
        if !document.is_fully_active() {
            return Err(DomException::invalid_state(
                "the document has been unloaded",
            ));
        }
        let edition = options.edition;
        let shared = options.event_loop.shared();
        let user_agent = options
            .user_agent
            .clone()
            .unwrap_or_else(|| shared.user_agent().clone());
        // r4820 step 1; WebSockets steps 1-6; WebSocketStream steps 1-2. Parse the URL.
        let parsed = if edition.resolves_urls() {
            url::parse_living(options.url, document.base_url())
        } else {
            url::parse(options.url)
        };
        let (record, url) = parsed.map_err(|why| DomException::invalid_url(options.url, &why))?;
        // r4820 step 2. Blocked ports; to WebSockets they are a network error.
        if edition.throws_over_blocked_ports() && user_agent.blocks(url.port) {
            let port = url.port;
            return Err(DomException::security(format!("port {port} is blocked")));
        }
        // r4820 step 3; WebSockets steps 7-8; WebSocketStream steps 3-4. The subprotocols.
        if !edition.allows_protocols(&options.protocols) {
            return Err(DomException::syntax(
                "a subprotocol is not valid, stands twice, or is one too many",
            ));
        }
        // Return the object, and go on in the background. r4820 step 4: the origin is the document's.
        let request = ConnectRequest {
            wire: edition.wire(),
            record: record.clone(),
            url,
            origin: document.origin().to_owned(),
            #[cfg(all(feature = "cookies", not(target_family = "wasm")))]
            site_for_cookies: document.site_for_cookies(),
            protocols: options.protocols.clone(),
            half_open: manner.half_open,
            #[cfg(not(target_family = "wasm"))]
            compression: options.compression,
            delivery: manner.delivery,
            headers: options.headers.clone(),
            observer: manner.observer,
        };
        let (source, on_open) = establish(shared, &user_agent, request, options.signal.as_ref());
        Ok(Self {
            edition,
            url: record,
            document: options.document_given().cloned(),
            options: user_agent.connection().clone(),
            half_open: manner.half_open,
            source,
            on_open,
        })
    }
}

/// What the user agent does once a connection is open.
pub(super) type OnOpen = Option<Box<dyn FnOnce()>>;

/// "Establish a WebSocket connection", unless the signal is aborted first.
pub(super) fn establish(
    shared: &Rc<Shared>,
    user_agent: &UserAgent,
    request: ConnectRequest,
    signal: Option<&AbortSignal>,
) -> (Rc<TaskSource>, OnOpen) {
    if signal.is_some_and(AbortSignal::aborted) {
        // WebSocketStream step 8.2: nothing is attempted.
        let nothing = Box::pin(async { None });
        return (TaskSource::open(shared, nothing, None), None);
    }
    let opening = user_agent.open(shared, request);
    let (observer, on_open) = (opening.feedback_observer(), opening.on_open());
    let source = TaskSource::open(shared, opening.perform(), observer);
    if let Some(signal) = signal {
        fail_when_aborted(signal, &source);
    }
    (source, on_open)
}

/// WebSocketStream step 8.3: a connection that is not yet established fails. Afterwards the signal means nothing.
fn fail_when_aborted(signal: &AbortSignal, source: &Rc<TaskSource>) {
    let source = Rc::downgrade(source);
    let about: Weak<dyn Any> = source.clone();
    signal.add_algorithm(about, move || {
        if let Some(source) = source.upgrade() {
            if !source.channel().is_established() {
                source.channel().fail(WireFailure::Cancelled);
            }
        }
    });
}
