//! The opening handshake of RFC 6455, as the WebSockets Standard alters it.

mod client;
mod deflate;
mod extension;
mod server;

#[cfg(all(feature = "http2", not(target_family = "wasm")))]
pub(super) use client::{http2_fields, validate_http2};
pub(super) use client::{request, validate};
pub use deflate::Compression;
pub(in crate::protocol) use deflate::{DeflateParameters, MIN_DEFLATE_WINDOW_BITS};
pub use extension::Extensions;
#[cfg(all(feature = "http2", not(target_family = "wasm")))]
pub(super) use server::Http2Handshake;
pub(super) use server::{BAD_REQUEST, FORBIDDEN, ServerHandshake};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha1::{Digest, Sha1};

/// Section 4.2.2 step 5.4: what a server makes of a client's key.
fn accept(key: &str) -> String {
    let digest = Sha1::new()
        .chain_update(key)
        .chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        .finalize();
    BASE64_STANDARD.encode(digest)
}

/// Section 4.1 step 7 of the requirements on the request: the key, of sixteen random bytes.
pub(super) fn key(nonce: [u8; 16]) -> String {
    BASE64_STANDARD.encode(nonce)
}
