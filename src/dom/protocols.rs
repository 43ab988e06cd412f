//! Subprotocols, as they are named to a constructor.

/// What names the subprotocols of a socket, as `(DOMString or sequence<DOMString>) protocols` does: one text (`&str`, `String`), or
/// whatever yields texts, in order of preference.
///
/// ```
/// use dom_websocket::{EventLoop, WebSocket};
///
/// let event_loop = EventLoop::new();
/// let open = || WebSocket::builder(&event_loop, "ws://example.com/");
/// open().protocols("chat").open()?;
/// open().protocols(["chat", "superchat"]).open()?;
/// open().protocols(&["chat", "superchat"]).open()?;
/// open().protocols(vec![String::from("chat")]).open()?;
/// let configured = vec!["chat", "superchat"];
/// open().protocols(&configured).open()?;
/// open().protocols(&configured[1..]).open()?;
/// open().protocols("chat, superchat".split(", ")).open()?;
/// open().protocols(Some("chat")).open()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Kind` is for the compiler, which finds it by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no subprotocols",
    label = "not a subprotocol, nor a list of them",
    note = "one is `&str` or `String`; several are an array, a slice, a `Vec` or an iterator of these"
)]
pub trait IntoProtocols<Kind> {
    /// Each of them, in order of preference.
    ///
    /// ```
    /// use dom_websocket::IntoProtocols;
    ///
    /// let mut named = Vec::new();
    /// ["chat", "superchat"].for_each_protocol(|protocol| named.push(protocol.to_owned()));
    /// assert_eq!(named, ["chat", "superchat"]);
    /// ```
    fn for_each_protocol(self, take: impl FnMut(&str));
}

/// The `Kind` of one text, in [`IntoProtocols`].
#[doc(hidden)]
#[derive(Debug)]
pub enum OneProtocol {}

/// The `Kind` of what yields texts, in [`IntoProtocols`].
#[doc(hidden)]
#[derive(Debug)]
pub enum ManyProtocols {}

impl<T: AsRef<str>> IntoProtocols<OneProtocol> for T {
    fn for_each_protocol(self, mut take: impl FnMut(&str)) {
        take(self.as_ref());
    }
}

impl<T: IntoIterator<Item: AsRef<str>>> IntoProtocols<ManyProtocols> for T {
    fn for_each_protocol(self, mut take: impl FnMut(&str)) {
        for protocol in self {
            take(protocol.as_ref());
        }
    }
}
