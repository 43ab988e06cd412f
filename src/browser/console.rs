//! The browser's console.

/// Shows an error there.
pub(crate) fn error(text: &str) {
    web_sys::console::error_1(&text.into());
}
