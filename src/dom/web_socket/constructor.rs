//! The `WebSocket` constructor.

use super::{Inner, WebSocket};
use crate::connection::{Channel, drive};
use crate::dom::{Document, DomException, WebSocketBuilder};
use crate::event_loop::TaskSource;
use crate::protocol::{Edition, Protocol, hixie76, rfc6455, url};
use crate::user_agent::UserAgent;
use std::rc::{Rc, Weak};

impl WebSocket {
    /// The constructors of r4820 and of the WebSockets Standard.
    pub(in crate::dom) fn open(
        options: WebSocketBuilder<'_>,
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
        // r4820 step 4. The origin is the document's.
        let engine = engine(
            edition,
            &user_agent,
            url.clone(),
            document.origin(),
            options.protocols,
        );
        // Return the object, and go on in the background.
        let limits = user_agent.limits();
        let no_target: Weak<Inner> = Weak::new();
        let source = TaskSource::new(shared.clone(), no_target, limits.undispatched);
        let channel = Rc::new(Channel::new(engine, source.clone()));
        let socket = Self::adopt(
            edition,
            &record,
            document,
            shared.clone(),
            source,
            channel.clone(),
            limits.send_queue,
        );
        // Establish a WebSocket connection.
        let dial = user_agent.dial(&url);
        shared.spawn(drive(channel, dial, shared.commons().clone()));
        Ok(socket)
    }
}

/// The protocol engine that an edition's constructor starts.
fn engine(
    edition: Edition,
    user_agent: &UserAgent,
    url: url::Components,
    origin: &str,
    protocols: Vec<&str>,
) -> Box<dyn Protocol> {
    let (limits, timeouts) = (user_agent.limits().clone(), user_agent.timeouts().clone());
    let origin = origin.to_owned();
    let mut protocols = protocols.into_iter().map(str::to_owned);
    match edition {
        Edition::Living => {
            let handshake = rfc6455::ClientHandshake {
                url,
                origin,
                protocols: protocols.collect(),
                compression: user_agent.offers_compression(),
            };
            let random = user_agent.random();
            Box::new(rfc6455::Connection::client(
                handshake, limits, timeouts, random,
            ))
        }
        Edition::Html5 => {
            let handshake = hixie76::ClientHandshake {
                url,
                origin,
                protocol: protocols.next(),
            };
            let mut random = user_agent.random();
            Box::new(hixie76::Connection::client(
                handshake,
                limits,
                timeouts,
                &mut random,
            ))
        }
    }
}
