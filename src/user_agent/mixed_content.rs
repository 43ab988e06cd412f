//! Mixed Content, as far as it is about WebSockets.

use crate::protocol::url::UrlComponents;
use std::net::IpAddr;

/// Mixed Content "should fetching request be blocked as mixed content": a secure page may open `wss:`
/// only, and `ws:` to this machine, which nobody can listen to on the way.
pub(super) fn is_mixed_content(origin: &str, url: &UrlComponents) -> bool {
    origin.starts_with("https://") && !url.secure && !is_potentially_trustworthy(url.name())
}

/// Secure Contexts "is origin potentially trustworthy", of a host that is not reached by TLS.
fn is_potentially_trustworthy(name: &str) -> bool {
    match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::url::parse;

    #[test]
    fn what_a_secure_page_may_open() {
        for (origin, url, is_mixed) in [
            ("https://a.example", "ws://b.example/", true),
            ("https://a.example", "ws://192.0.2.1/", true),
            ("https://a.example", "ws://notlocalhost/", true),
            ("https://a.example", "wss://b.example/", false),
            ("https://a.example", "ws://localhost/", false),
            ("https://a.example", "ws://x.localhost/", false),
            ("https://a.example", "ws://127.1.2.3:81/", false),
            ("https://a.example", "ws://[::1]/", false),
            ("http://a.example", "ws://b.example/", false),
            ("null", "ws://b.example/", false),
        ] {
            let components = parse(url).unwrap().1;
            assert_eq!(is_mixed_content(origin, &components), is_mixed, "{url}");
        }
    }
}
