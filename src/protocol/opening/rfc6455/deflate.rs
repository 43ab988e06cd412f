//! The parameters of permessage-deflate (RFC 7692 section 7.1).

use super::extension::Extension;
use crate::protocol::opening::Role;

/// The largest window, which is the default.
const MAX_WINDOW_BITS: u8 = 15;
/// zlib can't deflate into a window of 2^8 bytes.
pub(crate) const MIN_DEFLATE_WINDOW_BITS: u8 = 9;
const NAME: &str = "permessage-deflate";

/// What both sides have agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeflateParameters {
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
    /// Client: judges a response to [`Extensions::OFFER`](super::Extensions::OFFER). `None`: fail the connection.
    pub(super) fn from_response(extension: &Extension<'_>) -> Option<Self> {
        if extension.name != NAME {
            return None;
        }
        let parameters = Parameters::parse(extension)?;
        let client_max_window_bits = match parameters.client_max_window_bits {
            None => MAX_WINDOW_BITS,
            // In a response it has a value.
            Some(bits) => bits?,
        };
        Some(Self {
            server_no_context_takeover: parameters.server_no_context_takeover,
            client_no_context_takeover: parameters.client_no_context_takeover,
            server_max_window_bits: parameters.server_max_window_bits.unwrap_or(MAX_WINDOW_BITS),
            client_max_window_bits,
        })
    }

    /// Server: the first offer that can be met, and the response to it. Section 7.1: an offer with
    /// parameters that are not understood is declined.
    pub(super) fn from_offers(offers: &[Extension<'_>]) -> Option<(Self, String)> {
        offers
            .iter()
            .filter(|offer| offer.name == NAME)
            .find_map(|offer| Self::from_offer(&Parameters::parse(offer)?))
    }

    fn from_offer(offer: &Parameters) -> Option<(Self, String)> {
        let server_max_window_bits = offer.server_max_window_bits.unwrap_or(MAX_WINDOW_BITS);
        if server_max_window_bits < MIN_DEFLATE_WINDOW_BITS {
            return None;
        }
        let mut response = NAME.to_owned();
        if offer.server_no_context_takeover {
            response.push_str("; server_no_context_takeover");
        }
        if offer.client_no_context_takeover {
            response.push_str("; client_no_context_takeover");
        }
        if let Some(bits) = offer.server_max_window_bits {
            response.push_str(&format!("; server_max_window_bits={bits}"));
        }
        // The client says that it would keep to a smaller window: it is as large as it likes.
        let client_max_window_bits = match offer.client_max_window_bits {
            Some(Some(bits)) => {
                response.push_str(&format!("; client_max_window_bits={bits}"));
                bits
            }
            Some(None) | None => MAX_WINDOW_BITS,
        };
        let agreement = Self {
            server_no_context_takeover: offer.server_no_context_takeover,
            client_no_context_takeover: offer.client_no_context_takeover,
            server_max_window_bits,
            client_max_window_bits,
        };
        Some((agreement, response))
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

    fn agreement(response: &str) -> Option<Extensions> {
        Extensions::from_response(std::iter::once(response), true)
    }

    fn answered(offers: &str) -> Option<String> {
        let extensions = Extensions::from_offers(std::iter::once(offers), true)?;
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
            (Extensions::OFFER, Some("permessage-deflate")),
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
}
