//! The parameters of permessage-deflate (RFC 7692 section 7.1).

use super::extension::Extension;
use crate::protocol::opening::Role;

/// The largest window, which is the default.
const MAX_WINDOW_BITS: u8 = 15;
/// zlib knows ten.
const MAX_LEVEL: u8 = 9;
/// zlib can't deflate into a window of 2^8 bytes.
pub(crate) const MIN_DEFLATE_WINDOW_BITS: u8 = 9;
const NAME: &str = "permessage-deflate";

/// How messages are compressed (permessage-deflate), where both ends agree to it.
///
/// ```
/// use dom_websocket::{Compression, UserAgent};
///
/// let compression = Compression { level: 6, peer_context_takeover: false, ..Default::default() };
/// let user_agent = UserAgent::builder().compression_options(compression).build();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Compression {
    /// How hard to try, from 0, not at all, to 9. More than 9 is 9. Default: 1.
    pub level: u8,
    /// The window of what this end sends, in bits, from 9 to 15: how far back it refers to, and how much the peer has to
    /// remember. What lies outside is brought inside. Default: 15.
    pub window_bits: u8,
    /// Whether this end refers to messages that it sent before. Default: yes.
    pub context_takeover: bool,
    /// The window that the peer is asked to keep to, in bits, from 9 to 15. As many bytes are remembered for it.
    /// Default: 15.
    pub peer_window_bits: u8,
    /// Whether the peer may refer to messages that it sent before. If not, it is asked not to, and where it agrees nothing
    /// is remembered of what it has sent. Default: yes.
    pub peer_context_takeover: bool,
}

impl Default for Compression {
    fn default() -> Self {
        Self {
            level: 1,
            window_bits: MAX_WINDOW_BITS,
            context_takeover: true,
            peer_window_bits: MAX_WINDOW_BITS,
            peer_context_takeover: true,
        }
    }
}

impl Compression {
    /// With all of it in range.
    fn clamped(self) -> Self {
        let bits = |bits: u8| bits.clamp(MIN_DEFLATE_WINDOW_BITS, MAX_WINDOW_BITS);
        Self {
            level: self.level.min(MAX_LEVEL),
            window_bits: bits(self.window_bits),
            peer_window_bits: bits(self.peer_window_bits),
            ..self
        }
    }

    /// What a client offers. RFC 7692 section 7.1.2.2: it hints that the server may choose our window.
    pub(super) fn offer(self) -> String {
        let ours = self.clamped();
        let mut offer = NAME.to_owned();
        if !ours.peer_context_takeover {
            offer.push_str("; server_no_context_takeover");
        }
        if !ours.context_takeover {
            offer.push_str("; client_no_context_takeover");
        }
        if ours.peer_window_bits < MAX_WINDOW_BITS {
            let bits = ours.peer_window_bits;
            offer.push_str(&format!("; server_max_window_bits={bits}"));
        }
        offer.push_str("; client_max_window_bits");
        if ours.window_bits < MAX_WINDOW_BITS {
            offer.push_str(&format!("={}", ours.window_bits));
        }
        offer
    }
}

/// What both sides have agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeflateParameters {
    level: u8,
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: u8,
    client_max_window_bits: u8,
}

/// The parameters of an offer or a response.
#[derive(Debug, Default)]
struct Parameters {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    /// In an offer it may stand without a value.
    client_max_window_bits: Option<Option<u8>>,
}

impl Parameters {
    /// `None` if one is unknown, stands twice, or has a value that it can't have.
    fn parse(extension: &Extension<'_>) -> Option<Self> {
        let mut parameters = Self::default();
        for (name, value) in &extension.parameters {
            let value = value.as_deref();
            let is_new = match *name {
                "server_no_context_takeover" => {
                    value.is_none()
                        && !std::mem::replace(&mut parameters.server_no_context_takeover, true)
                }
                "client_no_context_takeover" => {
                    value.is_none()
                        && !std::mem::replace(&mut parameters.client_no_context_takeover, true)
                }
                "server_max_window_bits" => {
                    let bits = window_bits(value?)?;
                    parameters.server_max_window_bits.replace(bits).is_none()
                }
                "client_max_window_bits" => {
                    let bits = match value {
                        Some(value) => Some(window_bits(value)?),
                        None => None,
                    };
                    parameters.client_max_window_bits.replace(bits).is_none()
                }
                _ => false,
            };
            if !is_new {
                return None;
            }
        }
        Some(parameters)
    }
}

/// 8 to 15, without leading zeros.
fn window_bits(value: &str) -> Option<u8> {
    let bits: u8 = value.parse().ok()?;
    ((8..=MAX_WINDOW_BITS).contains(&bits) && bits.to_string() == value).then_some(bits)
}

impl DeflateParameters {
    /// Client: judges a response to our [offer](Compression::offer). `None`: fail the connection.
    pub(super) fn from_response(extension: &Extension<'_>, ours: Compression) -> Option<Self> {
        if extension.name != NAME {
            return None;
        }
        let ours = ours.clamped();
        let parameters = Parameters::parse(extension)?;
        let client_max_window_bits = match parameters.client_max_window_bits {
            None => MAX_WINDOW_BITS,
            // In a response it has a value.
            Some(bits) => bits?,
        };
        // Section 7.1.2.1: the same as was asked for, or less. A server that has not understood what it was asked
        // for says nothing of it, and then has the largest.
        let server_max_window_bits = parameters.server_max_window_bits;
        if server_max_window_bits.is_some_and(|bits| bits > ours.peer_window_bits) {
            return None;
        }
        Some(Self {
            level: ours.level,
            server_no_context_takeover: parameters.server_no_context_takeover,
            client_no_context_takeover: parameters.client_no_context_takeover
                || !ours.context_takeover,
            server_max_window_bits: server_max_window_bits.unwrap_or(MAX_WINDOW_BITS),
            client_max_window_bits: client_max_window_bits.min(ours.window_bits),
        })
    }

    /// Server: the first offer that can be met, and the response to it. Section 7.1: an offer with
    /// parameters that are not understood is declined.
    pub(super) fn from_offers(
        offers: &[Extension<'_>],
        ours: Compression,
    ) -> Option<(Self, String)> {
        offers
            .iter()
            .filter(|offer| offer.name == NAME)
            .find_map(|offer| Self::from_offer(&Parameters::parse(offer)?, ours.clamped()))
    }

    /// A server may ask for less than it was offered, by itself; but for the client's window only where that was
    /// offered (section 7.1.2.2).
    fn from_offer(offer: &Parameters, ours: Compression) -> Option<(Self, String)> {
        let offered = offer.server_max_window_bits.unwrap_or(MAX_WINDOW_BITS);
        let server_max_window_bits = offered.min(ours.window_bits);
        if server_max_window_bits < MIN_DEFLATE_WINDOW_BITS {
            return None;
        }
        let client_max_window_bits = match offer.client_max_window_bits {
            Some(bits) => bits.unwrap_or(MAX_WINDOW_BITS).min(ours.peer_window_bits),
            None => MAX_WINDOW_BITS,
        };
        let agreement = Self {
            level: ours.level,
            server_no_context_takeover: offer.server_no_context_takeover || !ours.context_takeover,
            client_no_context_takeover: offer.client_no_context_takeover
                || !ours.peer_context_takeover,
            server_max_window_bits,
            client_max_window_bits,
        };
        let mut response = NAME.to_owned();
        if agreement.server_no_context_takeover {
            response.push_str("; server_no_context_takeover");
        }
        if agreement.client_no_context_takeover {
            response.push_str("; client_no_context_takeover");
        }
        if offer.server_max_window_bits.is_some() || server_max_window_bits < MAX_WINDOW_BITS {
            response.push_str(&format!(
                "; server_max_window_bits={server_max_window_bits}"
            ));
        }
        let is_said = matches!(offer.client_max_window_bits, Some(Some(_)));
        if is_said || client_max_window_bits < MAX_WINDOW_BITS {
            response.push_str(&format!(
                "; client_max_window_bits={client_max_window_bits}"
            ));
        }
        Some((agreement, response))
    }

    /// How hard this end tries.
    pub(crate) fn level(&self) -> u8 {
        self.level
    }

    /// The window of what this end sends, in bits, and whether it keeps its context from one message to
    /// the next.
    pub(crate) fn of_sender(&self, sender: Role) -> (u8, bool) {
        match sender {
            Role::Server => (
                self.server_max_window_bits,
                !self.server_no_context_takeover,
            ),
            Role::Client => (
                self.client_max_window_bits,
                !self.client_no_context_takeover,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Extensions;
    use super::Compression;
    use crate::protocol::opening::Role;

    fn agreement(response: &str) -> Option<Extensions> {
        Extensions::from_response(std::iter::once(response), Some(Compression::default()))
    }

    fn answered(offers: &str) -> Option<String> {
        answered_by(offers, Compression::default())
    }

    fn answered_by(offers: &str, ours: Compression) -> Option<String> {
        let extensions = Extensions::from_offers(std::iter::once(offers), Some(ours))?;
        Some(extensions.as_str().to_owned()).filter(|response| !response.is_empty())
    }

    #[test]
    fn responses_to_our_offer() {
        for good in [
            "permessage-deflate",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; client_max_window_bits=\"10\"; server_max_window_bits=15",
        ] {
            assert!(agreement(good).is_some(), "{good}");
        }
        for bad in [
            "permessage-bzip2",
            "permessage-deflate; unknown",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=08",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        ] {
            assert!(agreement(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn answers_to_offers() {
        for (offers, answer) in [
            ("permessage-deflate", Some("permessage-deflate")),
            (
                &Extensions::offer(Compression::default()),
                Some("permessage-deflate"),
            ),
            ("x-webkit-deflate-frame", None),
            (
                "permessage-deflate; foo, permessage-deflate",
                Some("permessage-deflate"),
            ),
            (
                "permessage-deflate; client_max_window_bits=9; server_max_window_bits=10",
                Some("permessage-deflate; server_max_window_bits=10; client_max_window_bits=9"),
            ),
            (
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                Some("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
            ),
            ("permessage-deflate; server_max_window_bits=8", None),
            ("permessage-deflate; client_max_window_bits=99", None),
        ] {
            assert_eq!(answered(offers).as_deref(), answer, "{offers}");
        }
    }
    #[test]
    fn options() {
        let small = Compression {
            level: 99,
            window_bits: 8,
            context_takeover: false,
            peer_window_bits: 10,
            peer_context_takeover: false,
        };
        assert_eq!(
            Extensions::offer(small),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=10; client_max_window_bits=9"
        );
        assert_eq!(
            Extensions::offer(Compression::default()),
            "permessage-deflate; client_max_window_bits"
        );
        for (peer_window_bits, offer) in [
            (
                3,
                "permessage-deflate; server_max_window_bits=9; client_max_window_bits",
            ),
            (99, "permessage-deflate; client_max_window_bits"),
        ] {
            let outside = Compression {
                peer_window_bits,
                ..Compression::default()
            };
            assert_eq!(Extensions::offer(outside), offer);
        }
        for (offers, answer) in [
            (
                "permessage-deflate",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                 server_max_window_bits=9",
            ),
            (
                "permessage-deflate; client_max_window_bits; server_max_window_bits=12",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                 server_max_window_bits=9; client_max_window_bits=10",
            ),
            (
                "permessage-deflate; client_max_window_bits=9",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                 server_max_window_bits=9; client_max_window_bits=9",
            ),
        ] {
            assert_eq!(
                answered_by(offers, small).as_deref(),
                Some(answer),
                "{offers}"
            );
        }
        let judged = |response: &str| {
            let extensions = Extensions::from_response(std::iter::once(response), Some(small))?;
            let agreed = extensions.deflate()?;
            Some((
                agreed.level(),
                agreed.of_sender(Role::Client),
                agreed.of_sender(Role::Server),
            ))
        };
        // What we do is ours to say, whatever the server repeats.
        assert_eq!(
            judged("permessage-deflate"),
            Some((9, (9, false), (15, true)))
        );
        assert_eq!(
            judged(
                "permessage-deflate; server_max_window_bits=10; server_no_context_takeover; \
                 client_max_window_bits=12"
            ),
            Some((9, (9, false), (10, false)))
        );
        assert_eq!(
            judged("permessage-deflate; server_max_window_bits=11"),
            None
        );
    }
}
