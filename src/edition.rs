//! The editions, and every rule in which they differ.

/// Which text a `WebSocket` follows: it fixes both the rules of the object and the wire protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edition {
    /// The `WebSocket` of HTML5 in March 2010 (Web Applications 1.0, r4820) over
    /// draft-hixie-thewebsocketprotocol-76.
    #[default]
    Html5,
}

impl Edition {
    /// Whether a message that arrives after `close()` is dispatched.
    pub(crate) fn delivers_while_closing(self) -> bool {
        match self {
            // r4820 "feedback from the protocol": OPEN or CLOSING.
            Self::Html5 => true,
        }
    }

    /// Whether the constructor throws over a blocked port.
    pub(crate) fn throws_over_blocked_ports(self) -> bool {
        match self {
            // r4820 constructor step 2: SECURITY_ERR.
            Self::Html5 => true,
        }
    }

    /// Whether unpaired surrogates can't be sent.
    pub(crate) fn throws_over_unpaired_surrogates(self) -> bool {
        match self {
            // r4820 send(): SYNTAX_ERR.
            Self::Html5 => true,
        }
    }
}
