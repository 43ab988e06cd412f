//! What the tests share: a scripted peer on a thread of its own, a recorder of events, and bounds.

// Each test crate uses its own part of this.
#![allow(dead_code, unused_imports)]

mod both_ends;
mod bounds;
mod cut;
mod deflate;
mod executor;
mod frame;
mod gate;
mod head;
mod installed;
mod peer;
mod recorder;
mod session;
mod tunnel;
mod upgrade;
mod wire;

use dom_websocket::{DomException, Edition, EventLoop, WebSocket};

pub(crate) use both_ends::{Backend, run_with};
pub(crate) use bounds::{PATIENCE, bounded, bounded_by, run_until, settle, short_timeouts};
pub(crate) use cut::Cut;
pub(crate) use deflate::{deflate, inflate};
pub(crate) use executor::block_on;
pub(crate) use frame::Frame;
pub(crate) use gate::Gate;
pub(crate) use head::Head;
pub(crate) use installed::{Installed, run_client};
pub(crate) use peer::{Peer, accept};
pub(crate) use recorder::Recorder;
pub(crate) use session::{FAILURE, opened, session, session_of};
pub(crate) use tunnel::{SOCKS_TUNNEL, TUNNEL};
pub(crate) use upgrade::DEFLATE;
pub(crate) use wire::{End, Wire};

/// `new WebSocket(url)` of the html5 edition.
pub(crate) fn html5(event_loop: &EventLoop, url: &str) -> Result<WebSocket, DomException> {
    WebSocket::builder(event_loop, url)
        .edition(Edition::Html5)
        .open()
}

/// `new WebSocket(url, protocol)` of the html5 edition.
pub(crate) fn html5_with_protocol(
    event_loop: &EventLoop,
    url: &str,
    protocol: &str,
) -> Result<WebSocket, DomException> {
    WebSocket::builder(event_loop, url)
        .edition(Edition::Html5)
        .protocol(protocol)
        .open()
}

/// The closing frame.
pub(crate) const CLOSING: &[u8] = b"\xff\x00";

/// A text frame.
pub(crate) fn frame(text: &str) -> Vec<u8> {
    [b"\0", text.as_bytes(), b"\xff"].concat()
}
