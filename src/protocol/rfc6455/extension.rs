//! The `Sec-WebSocket-Extensions` field (RFC 6455 section 9.1).

use super::tokens;

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
pub(super) fn parse_list(field: &str) -> Option<Vec<Extension<'_>>> {
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
