//! The `WebSocket` constructor.

use super::WebSocket;
use crate::dom::{Document, DomException, WebSocketBuilder};
use crate::event_loop::TaskSource;
use crate::protocol::{Delivery, url};
use crate::user_agent::ConnectRequest;

impl WebSocket {
    /// The constructors of r4820 and of the WebSockets Standard.
    pub(in crate::dom) fn open(
        options: &WebSocketBuilder<'_>,
        document: Document,
    ) -> Result<Self, DomException> {
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
        // r4820 step 1; WebSockets steps 1-6. Parse the URL.
        let parsed = if edition.resolves_urls() {
            url::parse_living(options.url, document.base_url())
        } else {
            url::parse(options.url)
        };
        let (record, url) = parsed.ok_or(DomException::syntax(
            "the URL is not a WebSocket URL without a fragment",
        ))?;
        // r4820 step 2. Blocked ports; to WebSockets they are a network error.
        if edition.throws_over_blocked_ports() && user_agent.blocks(url.port) {
            return Err(DomException::security("the URL's port is blocked"));
        }
        // r4820 step 3; WebSockets steps 7-8. The subprotocols.
        if !edition.allows_protocols(&options.protocols) {
            return Err(DomException::syntax(
                "a subprotocol is not valid or stands twice",
            ));
        }
        // Return the object, and go on in the background: establish a WebSocket connection. r4820 step 4:
        // the origin is the document's.
        let opening = user_agent.open(ConnectRequest {
            edition,
            record: record.clone(),
            url,
            origin: document.origin().to_owned(),
            protocols: options.protocols.iter().map(|&p| p.to_owned()).collect(),
            half_open: options.half_open,
            delivery: Delivery::default(),
            headers: options.headers.clone(),
            observer: options.observer.clone(),
        });
        let (observer, on_open) = (opening.feedback_observer(), opening.on_open());
        let source = TaskSource::open(shared, opening.perform(), observer);
        let socket = Self::adopt(edition, &record, document, source, user_agent.limits());
        socket.inner.on_open.set(on_open);
        Ok(socket)
    }
}
