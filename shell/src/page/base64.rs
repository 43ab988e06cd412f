//! What `base64.js` asks for: Infra "forgiving-base64" (<https://infra.spec.whatwg.org/#forgiving-base64>).

use super::bytes;
use crate::natives::Natives;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};

/// What is left when the padding is off. Bits that are no whole byte don't matter.
const FORGIVING: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

pub(super) fn define(natives: &Natives) {
    natives.define("encode base64", |parameters| {
        let data = bytes::from_text(parameters.first()?);
        Some(general_purpose::STANDARD.encode(data))
    });
    natives.define("decode base64", |parameters| {
        decode(parameters.first()?).map(|data| bytes::to_text(&data))
    });
}

/// "Forgiving-base64 decode".
fn decode(data: &str) -> Option<Vec<u8>> {
    // Step 1.
    let data: String = data
        .chars()
        .filter(|character| !matches!(character, '\t' | '\n' | '\x0c' | '\r' | ' '))
        .collect();
    // Step 2.
    let mut rest = &*data;
    if data.len().is_multiple_of(4) {
        rest = rest.strip_suffix('=').unwrap_or(rest);
        rest = rest.strip_suffix('=').unwrap_or(rest);
    }
    // The other steps.
    FORGIVING.decode(rest).ok()
}
