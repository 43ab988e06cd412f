//! The `close` event as a value.

/// What a `close` event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseEvent {
    /// The close code.
    pub code: u16,
    /// The reason.
    pub reason: String,
    /// Whether the closing handshake was completed.
    pub was_clean: bool,
}
