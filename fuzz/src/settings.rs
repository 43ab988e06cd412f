//! What a connection is made of, as the fuzzer chooses it.

use arbitrary::Arbitrary;
use dom_websocket::protocol::opening::{Agreed, Compression, Extensions, Role};
use dom_websocket::protocol::{ActiveClose, ConnectionOptions, Delivery, Limits, Timeouts, Wire};
use std::time::Duration;

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnyWire {
    Rfc6455,
    Hixie76,
    Simplified,
}

impl From<AnyWire> for Wire {
    fn from(wire: AnyWire) -> Self {
        match wire {
            AnyWire::Rfc6455 => Self::Rfc6455,
            AnyWire::Hixie76 => Self::Hixie76,
            AnyWire::Simplified => Self::Simplified,
        }
    }
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) struct AnyCompression {
    level: u8,
    window_bits: u8,
    context_takeover: bool,
    peer_window_bits: u8,
    peer_context_takeover: bool,
}

impl From<AnyCompression> for Compression {
    fn from(any: AnyCompression) -> Self {
        Self {
            level: any.level % 11,
            window_bits: 8 + any.window_bits % 9,
            context_takeover: any.context_takeover,
            peer_window_bits: 8 + any.peer_window_bits % 9,
            peer_context_takeover: any.peer_context_takeover,
        }
    }
}

/// What two ends agree on that would compress like this, or not at all: the client's, the server's.
pub(crate) fn extensions(
    client: Option<AnyCompression>,
    server: Option<AnyCompression>,
) -> (Extensions, Extensions) {
    let (client, server) = (client.map(Compression::from), server.map(Compression::from));
    let offer = client.map(Extensions::offer);
    let theirs = Extensions::from_offers(offer.as_deref(), server).expect("an offer of ours");
    let ours = Extensions::from_response([theirs.as_str()], client).expect("an answer of ours");
    assert_eq!(ours.as_str(), theirs.as_str());
    (ours, theirs)
}

/// What one end of a connection begins with.
pub(crate) fn agreed(wire: Wire, role: Role, extensions: Extensions) -> Agreed {
    Agreed {
        extensions,
        ..Agreed::new(wire, role)
    }
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) enum AnyDelivery {
    Messages,
    Pieces(u8),
    Bytes,
}

impl From<AnyDelivery> for Delivery {
    fn from(any: AnyDelivery) -> Self {
        match any {
            AnyDelivery::Messages => Self::Messages,
            AnyDelivery::Pieces(len) => Self::Pieces(usize::from(len)),
            AnyDelivery::Bytes => Self::Bytes,
        }
    }
}

/// Small limits, so that small inputs reach them.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) struct AnyOptions {
    message: u16,
    skipped_frame: u16,
    discarded: u16,
    send_queue: u16,
    high_water: u16,
    undispatched: u16,
    /// In steps of a second; 0 is no bound, where there may be none.
    message_time: u8,
    ping: u8,
    half_open: bool,
    active_close: u8,
    delivery: AnyDelivery,
}

impl AnyOptions {
    pub(crate) fn delivery(self) -> AnyDelivery {
        self.delivery
    }

    pub(crate) fn options(self) -> ConnectionOptions {
        let seconds = |count: u8| (count > 0).then(|| Duration::from_secs(count.into()));
        let limits = Limits {
            message: self.message.into(),
            skipped_frame: self.skipped_frame.into(),
            discarded: self.discarded.into(),
            send_queue: self.send_queue.into(),
            high_water: self.high_water.into(),
            undispatched: self.undispatched.into(),
            ..Limits::default()
        };
        let timeouts = Timeouts {
            message: seconds(self.message_time),
            ping: seconds(self.ping),
            ..Timeouts::default()
        };
        ConnectionOptions {
            limits,
            timeouts,
            half_open: self.half_open,
            active_close: match self.active_close % 3 {
                0 => ActiveClose::Standard,
                1 => ActiveClose::Ours,
                _ => ActiveClose::Peers,
            },
            delivery: self.delivery.into(),
            ..ConnectionOptions::default()
        }
    }
}
