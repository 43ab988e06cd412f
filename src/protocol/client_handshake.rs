//! What a client asks for, in both protocols.

use super::url::Components;
use super::{Edition, Limits, Protocol, Timeouts, hixie76, rfc6455};
use rand::rngs::StdRng;

/// What the client's opening handshake says.
#[derive(Debug)]
pub(crate) struct ClientHandshake {
    pub(crate) url: Components,
    /// The origin's ASCII serialization, in lower case.
    pub(crate) origin: String,
    /// Draft 76 knows one at the most.
    pub(crate) protocols: Vec<String>,
    /// Offers permessage-deflate, where the protocol has extensions.
    pub(crate) compression: bool,
    /// Fields beside the handshake's own: cookies, credentials. No name or value has a control
    /// character.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) retries: Retries,
}

/// The responses that another attempt may follow. Without these they just fail the connection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Retries {
    pub(crate) unauthorized: bool,
    pub(crate) redirects: bool,
}

impl Retries {
    pub(crate) fn allow(self, status: u16) -> bool {
        match status {
            401 => self.unauthorized,
            301 | 302 | 303 | 307 | 308 => self.redirects,
            _ => false,
        }
    }
}

impl ClientHandshake {
    /// The protocol engine that an edition speaks; its request is ready to be sent.
    pub(crate) fn engine(
        self,
        edition: Edition,
        limits: Limits,
        timeouts: Timeouts,
        mut random: StdRng,
    ) -> Box<dyn Protocol> {
        match edition {
            Edition::Living => {
                Box::new(rfc6455::Connection::client(self, limits, timeouts, random))
            }
            Edition::Html5 => Box::new(hixie76::Connection::client(
                self,
                limits,
                timeouts,
                &mut random,
            )),
        }
    }
}
