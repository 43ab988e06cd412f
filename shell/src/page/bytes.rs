//! Bytes on their way between Rust and script: as a string, with a character for each.

pub(super) fn from_text(text: &str) -> Vec<u8> {
    // Script sends no others.
    text.chars().map(|byte| byte as u8).collect()
}

pub(super) fn to_text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
