//! What the tests share: a scripted peer on a thread of its own, a recorder of events, and bounds; and the tests that the
//! repository's documents are.

mod both_ends;
mod bounds;
mod deflate;
#[cfg(doctest)]
mod documents;
mod executor;
mod frame;
mod gate;
mod head;
pub mod http2;
mod nobody;
mod peer;
mod recorder;
mod session;
mod tunnel;
mod upgrade;
mod wire;

use dom_websocket::{DomException, Edition, EventLoop, WebSocket};

pub use both_ends::{Backend, count_to, run_with};
pub use bounds::{
    AMPLE, PATIENCE, bounded, bounded_by, expect_quiet, run_until, settle, short_timeouts,
};
pub use deflate::{deflate, inflate};
pub use executor::block_on;
pub use frame::Frame;
pub use gate::Gate;
pub use head::Head;
pub use nobody::url_of_nobody;
pub use peer::{Peer, accept};
pub use recorder::Recorder;
pub use session::{FAILURE, opened, session, session_of};
pub use tunnel::{SOCKS_TUNNEL, TUNNEL};
pub use upgrade::DEFLATE;
pub use wire::{End, Wire};

/// `new WebSocket(url)` of the html5 edition.
pub fn html5(event_loop: &EventLoop, url: &str) -> Result<WebSocket, DomException> {
    WebSocket::builder(event_loop, url)
        .edition(Edition::Html5)
        .open()
}

/// `new WebSocket(url, protocol)` of the html5 edition.
pub fn html5_with_protocol(
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
pub const CLOSING: &[u8] = b"\xff\x00";

/// A text frame.
pub fn frame(text: &str) -> Vec<u8> {
    [b"\0", text.as_bytes(), b"\xff"].concat()
}
