//! WebSocket URLs (hixie-76 section 3).

use ::url::{ParseError, Position, Url};
use std::fmt;

/// Where a WebSocket URL leads: the components that "establish a WebSocket connection" takes.
///
/// ```
/// use dom_websocket::protocol::Wire;
/// use dom_websocket::protocol::opening::ClientRequest;
///
/// let request = ClientRequest::new(Wire::Rfc6455, "wss://Example.com/chat?room=1").expect("a URL");
/// let url = request.url;
/// assert_eq!((url.host.as_str(), url.port), ("example.com", 443));
/// assert_eq!(url.resource_name, "/chat?room=1");
/// assert!(url.secure);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlComponents {
    /// ASCII, in lower case; an IPv6 address in brackets.
    pub host: String,
    /// The URL's, or the scheme's own.
    pub port: u16,
    /// Path and query. Begins with `/`; printable ASCII without a space.
    pub resource_name: String,
    /// Whether the scheme is `wss:`.
    pub secure: bool,
}

/// Why a URL is no WebSocket URL, in words that follow "the URL".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InvalidUrl {
    /// The URL parser failed.
    Unparsable(ParseError),
    /// Its scheme is another.
    Scheme(String),
    /// A fragment would be lost.
    Fragment,
    /// The simplified wire sends no path, no query and no credentials.
    NotBare,
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unparsable(
                ParseError::RelativeUrlWithoutBase | ParseError::RelativeUrlWithCannotBeABaseBase,
            ) => f.write_str("has no scheme: put ws:// or wss:// before it"),
            Self::Unparsable(ParseError::InvalidPort) => {
                f.write_str("has a port that is no number up to 65535")
            }
            Self::Unparsable(ParseError::EmptyHost) => f.write_str("has no host"),
            Self::Unparsable(error) => write!(f, "can't be parsed: {error}"),
            // `localhost:8080/` is a URL, whose scheme is `localhost:`.
            Self::Scheme(scheme) => {
                write!(f, "has the scheme {scheme}:, which is neither ws: nor wss:")
            }
            Self::Fragment => f.write_str("has a fragment (#), which no server would see"),
            Self::NotBare => f.write_str("has more than a host and a port"),
        }
    }
}

/// The steps of the WebSockets Standard's constructor, "let urlRecord be the result of applying the URL
/// parser" and on, with the components of RFC 6455 section 3.
pub(crate) fn parse_living(
    url: &str,
    base: Option<&Url>,
) -> Result<(Url, UrlComponents), InvalidUrl> {
    // 1-2. The URL may be relative.
    let parsed = Url::options().base_url(base).parse(url);
    let mut url = parsed
        .and_then(encode_carets)
        .map_err(InvalidUrl::Unparsable)?;
    // 3-4. http: and https: stand for ws: and wss:.
    let scheme = match url.scheme() {
        "http" => Some("ws"),
        "https" => Some("wss"),
        _ => None,
    };
    if let Some(scheme) = scheme {
        let changed = url.set_scheme(scheme);
        debug_assert!(changed.is_ok(), "all of them are special");
    }
    // 5-6. The scheme, and no fragment.
    let (_, mut components) = parse_record(&url)?;
    // RFC 6455 section 3: a query that is empty is left out of the resource name.
    if url.query() == Some("") {
        components.resource_name.pop();
    }
    Ok((url, components))
}

/// URL Standard "path percent-encode set": since 2024 it has U+005E (^), which the crate `url` leaves in a path. The
/// path of the base is there too by now, and its dot segments are resolved.
fn encode_carets(url: Url) -> Result<Url, ParseError> {
    if !url.path().contains('^') {
        return Ok(url);
    }
    let (before, behind) = (&url[..Position::BeforePath], &url[Position::AfterPath..]);
    let path = url.path().replace('^', "%5E");
    Url::parse(&format!("{before}{path}{behind}"))
}

/// hixie-76 section 3.1, "parse a WebSocket URL's components"; the resolved URL comes with them.
pub(crate) fn parse(url: &str) -> Result<(Url, UrlComponents), InvalidUrl> {
    // 1-2. An absolute URL, resolved with the character encoding UTF-8.
    parse_record(&Url::parse(url).map_err(InvalidUrl::Unparsable)?)
}

/// The URL of a connection that sends nothing of the author's but the host: as [`parse`], and there is nothing else
/// in it. An empty query, or a user without a name, is something.
pub(crate) fn parse_bare(url: &str) -> Result<(Url, UrlComponents), InvalidUrl> {
    let (url, components) = parse(url)?;
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    if components.resource_name != "/" || has_credentials {
        return Err(InvalidUrl::NotBare);
    }
    Ok((url, components))
}

fn parse_record(url: &Url) -> Result<(Url, UrlComponents), InvalidUrl> {
    // 3, 5. The scheme, which the parser has put in lower case, gives the secure flag.
    let secure = match url.scheme() {
        "ws" => false,
        "wss" => true,
        scheme => return Err(InvalidUrl::Scheme(scheme.to_owned())),
    };
    // 4. A fragment that is there fails, even an empty one.
    if url.fragment().is_some() {
        return Err(InvalidUrl::Fragment);
    }
    // 6. The host is already in lower case, and in Punycode where it must be.
    let no_host = InvalidUrl::Unparsable(ParseError::EmptyHost);
    let host = url.host_str().ok_or(no_host)?.to_owned();
    // 7-8. The port, or the scheme's own.
    let port = url.port().unwrap_or(default_port(secure));
    // 9-11. The path, and the query behind `?` if there is one, even an empty one.
    let mut resource_name = match url.path() {
        "" => "/".to_owned(),
        path => path.to_owned(),
    };
    if let Some(query) = url.query() {
        resource_name.push('?');
        resource_name.push_str(query);
    }
    let components = UrlComponents {
        host,
        port,
        resource_name,
        secure,
    };
    Ok((url.clone(), components))
}

/// A URL for logs, without what can be a secret: credentials, query and fragment.
pub(crate) fn without_secrets(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) => {
            let scheme = &url[..Position::BeforeUsername];
            format!(
                "{scheme}{}",
                &url[Position::BeforeHost..Position::AfterPath]
            )
        }
        Err(_) => String::new(),
    }
}

/// What was meant to be a URL, for a message: whatever it is, on one line, without what can be a secret.
pub(crate) fn as_it_was_written(text: &str) -> String {
    const LENGTH: usize = 200;
    let text = text.split(['?', '#']).next().unwrap_or_default();
    // Behind the last `@` of the authority is the host.
    let (before, authority) = match text.split_once("//") {
        Some((before, behind)) => (&text[..before.len() + 2], behind),
        None => ("", text),
    };
    let end = authority.find(['/', '\\']).unwrap_or(authority.len());
    let host = authority[..end].rfind('@').map_or(0, |at| at + 1);
    let mut shown = String::new();
    for character in before.chars().chain(authority[host..].chars()).take(LENGTH) {
        shown.extend(character.escape_debug());
    }
    shown
}

/// A host without an IPv6 address's brackets.
pub(crate) fn without_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

impl UrlComponents {
    /// The host as a name or an address.
    pub(crate) fn name(&self) -> &str {
        without_brackets(&self.host)
    }

    /// The host, with the port where it is not the scheme's own: hixie-76 section 4.1 steps 9-11.
    pub(crate) fn host_and_port(&self) -> String {
        if self.port == default_port(self.secure) {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// hixie-76 section 3.2, "construct a WebSocket URL".
    pub(crate) fn construct(&self) -> String {
        let scheme = if self.secure { "wss" } else { "ws" };
        [scheme, "://", &self.host_and_port(), &self.resource_name].concat()
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// Splits a `Host` field into a host in lower case and a port, by the rules of a URL's authority. The
/// host stays as the client wrote it: `127.1` is not made `127.0.0.1`.
pub(crate) fn parse_host_field(value: &str, secure: bool) -> Option<(String, u16)> {
    // What a URL's parser would cut off, or take for the end of the authority.
    let is_of_host = |b: u8| b.is_ascii_graphic() && !br"/?#\@".contains(&b);
    if value.is_empty() || !value.bytes().all(is_of_host) {
        return None;
    }
    let scheme = if secure { "wss" } else { "ws" };
    let (_, components) = parse(&format!("{scheme}://{value}/")).ok()?;
    let host = match value.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => value,
    };
    Some((host.to_ascii_lowercase(), components.port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn components(url: &str) -> Option<(String, u16, String, bool)> {
        let (_, c) = parse(url).ok()?;
        Some((c.host, c.port, c.resource_name, c.secure))
    }

    fn expected(
        host: &str,
        port: u16,
        resource: &str,
        secure: bool,
    ) -> Option<(String, u16, String, bool)> {
        Some((host.into(), port, resource.into(), secure))
    }

    #[test]
    fn the_components_of_a_url() {
        for (url, result) in [
            ("ws://example.com", expected("example.com", 80, "/", false)),
            ("wss://example.com", expected("example.com", 443, "/", true)),
            (
                "WS://EXAMPLE.com:8080/Chat",
                expected("example.com", 8080, "/Chat", false),
            ),
            (
                "ws://example.com:/x",
                expected("example.com", 80, "/x", false),
            ),
            (
                "wss://example.com:80/",
                expected("example.com", 80, "/", true),
            ),
            ("ws://h/p?", expected("h", 80, "/p?", false)),
            ("ws://h/p?q=1&r", expected("h", 80, "/p?q=1&r", false)),
            ("ws://h?q", expected("h", 80, "/?q", false)),
            (
                "ws://h/a b/ü?ü x",
                expected("h", 80, "/a%20b/%C3%BC?%C3%BC%20x", false),
            ),
            (
                "ws://bücher.example/",
                expected("xn--bcher-kva.example", 80, "/", false),
            ),
            ("ws://[::1]:9/", expected("[::1]", 9, "/", false)),
            ("ws://user:secret@h/", expected("h", 80, "/", false)),
        ] {
            assert_eq!(components(url), result, "{url}");
        }
    }

    #[test]
    fn the_living_edition_resolves_and_rewrites() {
        let base = Url::parse("https://example.com/dir/page?x#y").unwrap();
        for (url, record, resource_name) in [
            ("", None, ""),
            ("/", Some("wss://example.com/"), "/"),
            ("a?b", Some("wss://example.com/dir/a?b"), "/dir/a?b"),
            ("http://h:80/x?", Some("ws://h/x?"), "/x"),
            ("HTTPS://h:443", Some("wss://h/"), "/"),
            ("//h:8080/", Some("wss://h:8080/"), "/"),
            ("ws://h/#", None, ""),
            ("ftp://h/", None, ""),
            ("mailto:x", None, ""),
        ] {
            let parsed = parse_living(url, Some(&base)).ok();
            // The empty URL is the base itself, without its fragment.
            let record = if url.is_empty() {
                Some("wss://example.com/dir/page?x")
            } else {
                record
            };
            assert_eq!(parsed.as_ref().map(|(u, _)| u.as_str()), record, "{url}");
            if let (Some((_, components)), false) = (parsed, url.is_empty()) {
                assert_eq!(components.resource_name, resource_name, "{url}");
            }
        }
        assert!(parse_living("/relative", None).is_err());
    }

    #[test]
    fn a_caret_is_encoded_in_the_living_editions_paths_only() {
        let base = Url::parse("http://h/a^b/c^?d^").unwrap();
        for (url, record, resource_name) in [
            ("ws://h/a^b?c^d", "ws://h/a%5Eb?c^d", "/a%5Eb?c^d"),
            ("ws://h/%5E", "ws://h/%5E", "/%5E"),
            ("ws://h/%5e^", "ws://h/%5e%5E", "/%5e%5E"),
            ("ws://h/^/../^", "ws://h/%5E", "/%5E"),
            ("ws://h/^/..", "ws://h/", "/"),
            ("ws://h//^//", "ws://h//%5E//", "//%5E//"),
            ("ws://h?^", "ws://h/?^", "/?^"),
            ("ws://u^:p^@h/^", "ws://u%5E:p%5E@h/%5E", "/%5E"),
            ("ws://h:81/%2e/^?", "ws://h:81/%5E?", "/%5E"),
            ("^x", "ws://h/a%5Eb/%5Ex", "/a%5Eb/%5Ex"),
            ("../^", "ws://h/%5E", "/%5E"),
            ("?^", "ws://h/a%5Eb/c%5E?^", "/a%5Eb/c%5E?^"),
            ("", "ws://h/a%5Eb/c%5E?d^", "/a%5Eb/c%5E?d^"),
        ] {
            let (parsed, components) = parse_living(url, Some(&base)).unwrap();
            assert_eq!(parsed.as_str(), record, "{url}");
            assert_eq!(components.resource_name, resource_name, "{url}");
        }
        assert_eq!(
            components("ws://h/a^b?^"),
            expected("h", 80, "/a^b?^", false)
        );
        for url in ["ws://h^/", "ws://h^x/^", "ws://h/^#^"] {
            assert!(parse_living(url, None).is_err(), "{url}");
        }
    }

    #[test]
    fn what_is_no_websocket_url() {
        for url in [
            "",
            "/relative",
            "//example.com/",
            "example.com",
            "http://example.com/",
            "ws:",
            "ws://",
            "ws://example.com/#",
            "ws://example.com/#fragment",
            "ws://example.com:65536/",
            "ws://exa mple.com/",
        ] {
            assert_eq!(components(url), None, "{url}");
        }
    }

    #[test]
    fn construction_leaves_out_only_the_schemes_own_port() {
        for (url, constructed) in [
            ("ws://Example.com:80/demo", "ws://example.com/demo"),
            ("ws://example.com:443/demo", "ws://example.com:443/demo"),
            ("wss://example.com:443", "wss://example.com/"),
            ("wss://example.com:80/?", "wss://example.com:80/?"),
            ("ws://user:secret@[::1]/x", "ws://[::1]/x"),
        ] {
            assert_eq!(parse(url).unwrap().1.construct(), constructed);
        }
    }

    #[test]
    fn what_can_be_a_secret_is_not_shown() {
        for (url, shown) in [
            ("ws://user:secret@h:81/x?secret#secret", "ws://h:81/x"),
            ("wss://secret@[::1]/", "wss://[::1]/"),
            ("ws://h/x", "ws://h/x"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }

    #[test]
    fn why_a_url_is_none() {
        for (url, why) in [
            (
                "example.com/chat",
                "has no scheme: put ws:// or wss:// before it",
            ),
            ("", "has no scheme: put ws:// or wss:// before it"),
            (
                "localhost:8080/",
                "has the scheme localhost:, which is neither ws: nor wss:",
            ),
            (
                "ftp://h/",
                "has the scheme ftp:, which is neither ws: nor wss:",
            ),
            ("ws://h/#", "has a fragment (#), which no server would see"),
            ("ws://h:65536/", "has a port that is no number up to 65535"),
            ("ws://h:x/", "has a port that is no number up to 65535"),
            ("ws://", "has no host"),
        ] {
            assert_eq!(parse(url).unwrap_err().to_string(), why, "{url}");
            assert_eq!(
                parse_living(url, None).unwrap_err().to_string(),
                why,
                "{url}"
            );
        }
        // Where the page has an address, but nothing can be relative to it.
        let blank = Url::parse("about:blank").unwrap();
        let relative = parse_living("example.com/chat", Some(&blank)).unwrap_err();
        assert_eq!(
            relative.to_string(),
            "has no scheme: put ws:// or wss:// before it"
        );
        assert_eq!(parse_bare("ws://h/x"), Err(InvalidUrl::NotBare));
    }

    #[test]
    fn a_message_shows_what_was_written_without_its_secrets() {
        for (text, shown) in [
            ("ws://user:secret@h:x/y?secret", "ws://h:x/y"),
            ("user:sec@ret@h", "h"),
            ("ws://h/a@b#secret", "ws://h/a@b"),
            ("example.com", "example.com"),
            ("a\nb\u{1b}", "a\\nb\\u{1b}"),
            ("", ""),
        ] {
            assert_eq!(as_it_was_written(text), shown);
        }
        assert_eq!(as_it_was_written(&"x".repeat(1000)).len(), 200);
    }

    #[test]
    fn host_fields() {
        assert_eq!(
            parse_host_field("Example.com:8080", false),
            Some(("example.com".into(), 8080))
        );
        assert_eq!(parse_host_field("[::1]", true), Some(("[::1]".into(), 443)));
        assert_eq!(
            parse_host_field("127.1:80", false),
            Some(("127.1".into(), 80))
        );
        for bad in [
            "", "a b", "a/b", "a:b", "user@a", "a:99999", " a", "a ", "a\tb", "\ta", "a\nb", "a\r",
            "a\0", "a\u{7f}", "a\\b", "ä",
        ] {
            assert_eq!(parse_host_field(bad, false), None, "{bad:?}");
        }
    }
}
