//! Redirects, for a user agent that is set to follow them. Both texts have them fail; the rules are
//! those of Fetch "HTTP-redirect fetch", and of the sketch that the draft's source holds.

use super::RedirectFailure;
use crate::protocol::opening::Response;
use crate::protocol::url::{UrlComponents, parse_living};
use url::{Origin, Url};

/// Where a redirect leads.
pub(super) fn location(
    from: &Url,
    response: &Response,
) -> Result<(Url, UrlComponents), RedirectFailure> {
    let mut locations = response.all("location");
    let (Some(location), None) = (locations.next(), locations.next()) else {
        return Err(RedirectFailure::InvalidLocation);
    };
    // A fragment is for whoever looks at the document.
    let location = location.split('#').next().unwrap_or_default();
    let (url, components) =
        parse_living(location, Some(from)).map_err(|_| RedirectFailure::InvalidLocation)?;
    if from.scheme() == "wss" && !components.secure {
        return Err(RedirectFailure::Downgrade);
    }
    Ok((url, components))
}

/// The origin that an HTTP request to this URL goes to: that of the `http:` or `https:` URL which
/// "establish a WebSocket connection" makes of it.
pub(super) fn http_origin(url: &Url) -> Origin {
    let scheme = match url.scheme() {
        "wss" => "https",
        _ => "http",
    };
    let host = url.host().map(|host| host.to_owned());
    match (host, url.port_or_known_default()) {
        (Some(host), Some(port)) => Origin::Tuple(scheme.to_owned(), host, port),
        _ => Origin::new_opaque(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(from: &str, locations: &[&str]) -> Result<String, RedirectFailure> {
        let response = Response {
            status: 302,
            fields: locations
                .iter()
                .map(|&l| ("location".to_owned(), l.to_owned()))
                .collect(),
        };
        let (url, _) = location(&Url::parse(from).unwrap(), &response)?;
        Ok(url.into())
    }

    #[test]
    fn where_redirects_lead() {
        for (from, to, is) in [
            ("ws://h/a", "/b?c", "ws://h/b?c"),
            ("ws://h/a", "http://i/", "ws://i/"),
            ("ws://h/a", "https://i/#x", "wss://i/"),
            ("wss://h/a", "wss://h:1/", "wss://h:1/"),
            ("ws://h/a", "//i", "ws://i/"),
            ("ws://h/a", "^?^", "ws://h/%5E?^"),
        ] {
            assert_eq!(follow(from, &[to]).as_deref(), Ok(is), "{to}");
        }
        use RedirectFailure::{Downgrade, InvalidLocation};
        assert_eq!(follow("wss://h/", &["ws://h/"]), Err(Downgrade));
        assert_eq!(follow("wss://h/", &["http://h/"]), Err(Downgrade));
        assert_eq!(follow("ws://h/", &[]), Err(InvalidLocation));
        assert_eq!(follow("ws://h/", &["/a", "/b"]), Err(InvalidLocation));
        assert_eq!(follow("ws://h/", &["ftp://h/"]), Err(InvalidLocation));
        assert_eq!(follow("ws://h/", &["ws://["]), Err(InvalidLocation));
    }

    #[test]
    fn origins_of_requests() {
        let origin = |url| http_origin(&Url::parse(url).unwrap()).ascii_serialization();
        assert_eq!(origin("ws://h/x"), "http://h");
        assert_eq!(origin("wss://h:444/"), "https://h:444");
    }
}
