//! The `Sec-WebSocket-Extensions` field (RFC 6455 section 9.1).

use super::{Compression, DeflateParameters};
use crate::protocol::opening::tokens;

/// The extensions in use on a connection: permessage-deflate, or none.
///
/// Clause: [RFC 6455 section 9.1](https://www.rfc-editor.org/rfc/rfc6455#section-9.1).
///
/// ```
/// use dom_websocket::protocol::opening::Extensions;
///
/// assert_eq!(Extensions::default().as_str(), "");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// As the server writes them.
    text: String,
    deflate: Option<DeflateParameters>,
}

impl Extensions {
    /// Client: what it offers.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{Compression, Extensions};
    ///
    /// let offer = Extensions::offer(Compression::default());
    /// assert!(offer.starts_with("permessage-deflate"));
    /// ```
    #[must_use]
    pub fn offer(compression: Compression) -> String {
        compression.offer()
    }

    /// Client: judges the fields of a response; `offered` says how permessage-deflate [was](Self::offer). `None`: fail
    /// the connection, because there is something that was not offered.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{Compression, Extensions};
    ///
    /// let offered = Some(Compression::default());
    /// let agreed = Extensions::from_response(["permessage-deflate"], offered);
    /// assert_eq!(agreed.expect("it was offered").as_str(), "permessage-deflate");
    /// assert!(Extensions::from_response(["x-webkit-deflate-frame"], offered).is_none());
    /// ```
    pub fn from_response<'a>(
        fields: impl IntoIterator<Item = &'a str>,
        offered: Option<Compression>,
    ) -> Option<Self> {
        let fields: Vec<_> = fields
            .into_iter()
            .filter(|field| !field.is_empty())
            .collect();
        let mut deflate = None;
        for field in &fields {
            for extension in parse_list(field)? {
                let parameters = DeflateParameters::from_response(&extension, offered?)?;
                // Once is what was offered.
                if deflate.replace(parameters).is_some() {
                    return None;
                }
            }
        }
        Some(Self {
            text: fields.join(", "),
            deflate,
        })
    }

    /// Server: answers the fields of a request; `accepted` says how permessage-deflate is agreed to.
    /// `None`: they don't match the grammar.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{Compression, Extensions};
    ///
    /// let accepted = Some(Compression::default());
    /// // What it does not know is passed over.
    /// let agreed = Extensions::from_offers(["x-webkit-deflate-frame, permessage-deflate"], accepted);
    /// assert_eq!(agreed.expect("a list").as_str(), "permessage-deflate");
    /// assert!(Extensions::from_offers(["permessage deflate"], accepted).is_none());
    /// ```
    pub fn from_offers<'a>(
        fields: impl IntoIterator<Item = &'a str>,
        accepted: Option<Compression>,
    ) -> Option<Self> {
        let offers: Option<Vec<_>> = fields.into_iter().map(parse_list).collect();
        let offers = offers?;
        let agreed = accepted.and_then(|ours| {
            let mut offers = offers.iter();
            offers.find_map(|offers| DeflateParameters::from_offers(offers, ours))
        });
        Some(match agreed {
            None => Self::default(),
            Some((deflate, text)) => Self {
                text,
                deflate: Some(deflate),
            },
        })
    }

    /// As the server writes them in its response; empty for none.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{Compression, Extensions};
    ///
    /// let none = Extensions::from_offers(["permessage-deflate"], None);
    /// assert_eq!(none.expect("a list").as_str(), "");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(in crate::protocol) fn deflate(&self) -> Option<DeflateParameters> {
        self.deflate
    }
}

/// One extension of a list, with its parameters in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extension<'a> {
    pub(super) name: &'a str,
    pub(super) parameters: Vec<(&'a str, Option<String>)>,
}

/// Reads a list of extensions; `None` if it does not match the grammar.
///
/// ```text
/// extension-list = 1#extension
/// extension      = token *( ";" extension-param )
/// extension-param = token [ "=" (token | quoted-string) ]
/// ```
fn parse_list(field: &str) -> Option<Vec<Extension<'_>>> {
    let mut extensions = Vec::new();
    for element in split_unquoted(field, ',') {
        // A list may have empty elements.
        if tokens::trim(element).is_empty() {
            continue;
        }
        let mut parts = split_unquoted(element, ';');
        let name = token(parts.next()?)?;
        let parameters = parts.map(parse_parameter).collect::<Option<_>>()?;
        extensions.push(Extension { name, parameters });
    }
    Some(extensions)
}

fn parse_parameter(part: &str) -> Option<(&str, Option<String>)> {
    match part.split_once('=') {
        None => Some((token(part)?, None)),
        Some((name, value)) => {
            let value = tokens::trim(value);
            let value = match value.strip_prefix('"') {
                None => value.to_owned(),
                Some(quoted) => unquote(quoted.strip_suffix('"')?),
            };
            // Also behind the quotes it has to be a token.
            tokens::is_token(&value).then_some(())?;
            Some((token(name)?, Some(value)))
        }
    }
}

fn token(text: &str) -> Option<&str> {
    Some(tokens::trim(text)).filter(|text| tokens::is_token(text))
}

fn unquote(quoted: &str) -> String {
    let mut characters = quoted.chars();
    std::iter::from_fn(|| match characters.next()? {
        '\\' => characters.next(),
        character => Some(character),
    })
    .collect()
}

/// Splits where the separator stands outside of quotes.
fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    text.split(move |character| {
        if std::mem::take(&mut is_escaped) {
            return false;
        }
        match character {
            '"' => is_quoted = !is_quoted,
            '\\' => is_escaped = is_quoted,
            _ => {}
        }
        character == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let extension = |name, parameters: &[(&'static str, Option<&str>)]| Extension {
            name,
            parameters: parameters
                .iter()
                .map(|(n, v)| (*n, v.map(str::to_owned)))
                .collect(),
        };
        for (field, list) in [
            ("foo", vec![extension("foo", &[])]),
            (
                "foo, bar; baz=2 ; q=\"a\\b\",,x;\ty",
                vec![
                    extension("foo", &[]),
                    extension("bar", &[("baz", Some("2")), ("q", Some("ab"))]),
                    extension("x", &[("y", None)]),
                ],
            ),
            ("", vec![]),
        ] {
            assert_eq!(parse_list(field), Some(list), "{field:?}");
        }
        for bad in [
            "a b",
            "a;",
            "a;=1",
            "a;b=",
            "a;b=\"",
            "a;b=\"c,d\"",
            "a;b=\"\"",
        ] {
            assert_eq!(parse_list(bad), None, "{bad:?}");
        }
    }
}
