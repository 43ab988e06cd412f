//! The `WebSocket` constructor.

use super::WebSocket;
use crate::dom::establishment::{Establishment, Manner};
use crate::dom::{DomException, WebSocketBuilder};
use crate::protocol::Delivery;

impl WebSocket {
    /// The constructors of r4820 and of the WebSockets Standard.
    pub(in crate::dom) fn open(options: &WebSocketBuilder<'_>) -> Result<Self, DomException> {
        let establishment = Establishment::begin(
            options,
            Manner {
                half_open: options.half_open,
                delivery: Delivery::Messages,
                observer: options.observer.clone(),
            },
        )?;
        let socket = Self::adopt(
            establishment.edition,
            &establishment.url,
            establishment.document,
            establishment.source,
            &establishment.options,
            establishment.half_open,
        );
        socket.inner.on_open.set(establishment.on_open);
        Ok(socket)
    }
}
