//! The opening handshake of "Simplified WebSockets": an Upgrade of HTTP/1.1 with the fields it can't do without.
//! The repository's `spec-notes/simplified.md` has its rules, which are numbered there (S1 and on).

mod client;
mod server;

pub(super) use client::{request, validate};
pub(super) use server::{RESPONSE, is_acceptable, is_meant};

use super::tokens;

/// What both ends call the wire; compared without regard to ASCII case.
const NAME: &str = "websocket";

/// Fields that no end may send, in lower case.
const REFUSED: [&str; 15] = [
    // S9. They announce a body, of which neither end of an Upgrade has one.
    "content-length",
    "transfer-encoding",
    // S10. They are of another wire's handshake: whoever sends one means frames. Draft 75's client is known
    // by its `Origin`, and its server by two fields of its own.
    "origin",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-key1",
    "sec-websocket-key2",
    "sec-websocket-location",
    "sec-websocket-origin",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "websocket-location",
    "websocket-origin",
    "websocket-protocol",
];

/// Whether these are the values of a `Connection` that agrees to an Upgrade: one list, on however many lines
/// (RFC 9110 sections 5.3 and 7.8).
fn agrees_to_upgrade<'a>(mut values: impl Iterator<Item = &'a str>) -> bool {
    values.any(|value| tokens::list_contains(value, "upgrade"))
}
