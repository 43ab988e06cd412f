//! What a server learns of a client before it answers, and the answer.

/// The head of a client's opening handshake, as a server's application sees it before the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub(crate) resource_name: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Request {
    /// The resource name: path and query, beginning with `/`.
    pub fn resource_name(&self) -> &str {
        &self.resource_name
    }

    /// The `Host` field.
    pub fn host(&self) -> Option<&str> {
        self.field("host")
    }

    /// The `Origin` field: the page that the client says it acts for.
    pub fn origin(&self) -> Option<&str> {
        self.field("origin")
    }

    /// The subprotocols that the client offers, in its order of preference. Draft 76 knows at most one.
    pub fn protocols(&self) -> impl Iterator<Item = &str> {
        self.field("sec-websocket-protocol").into_iter()
    }

    /// The value of the first field of this name, compared without regard to ASCII case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// All fields, names in lower case, in the order in which they came.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

/// A server application's answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Open the connection, with this subprotocol. It should be one that the client offered: a
    /// client that offered none ignores it, any other fails the connection over a different one.
    Accept {
        /// The subprotocol to use, if any.
        protocol: Option<String>,
    },
    /// Close the TCP connection: draft 76's "abort the WebSocket connection".
    Refuse,
}

impl Answer {
    /// Opens the connection without a subprotocol.
    pub fn accept() -> Self {
        Self::Accept { protocol: None }
    }

    /// Opens the connection with this subprotocol.
    pub fn accept_with(protocol: impl Into<String>) -> Self {
        Self::Accept {
            protocol: Some(protocol.into()),
        }
    }
}
