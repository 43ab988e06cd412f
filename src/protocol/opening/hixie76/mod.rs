//! The opening handshake of draft-hixie-thewebsocketprotocol-76.

mod challenge;
mod client;
mod server;

pub(super) use challenge::Challenge;
pub(super) use client::{Read, ResponseFields, check_fields, request};
pub(super) use server::ServerHandshake;

/// r4820, the constructor's step 3: a subprotocol's name is printable ASCII and not empty. A space
/// is allowed.
pub(crate) fn is_protocol_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| (0x20..=0x7e).contains(&b))
}
