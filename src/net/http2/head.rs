//! Heads of requests and responses: names in lower case and values, as HTTP/1.1's are here.

use crate::protocol::opening::Http2Head;
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::Scheme;

/// Fields by name, in lower case, and value.
pub(crate) type Fields = Vec<(String, String)>;

/// What a server is asked for, with `:authority` as the field `host` that it stands for (RFC 9113 section 8.3.1), and with one
/// `cookie` (section 8.2.3). A `host` that names another is there still.
pub(super) fn request_head(parts: &Parts) -> Http2Head {
    let mut fields = fields(&parts.headers);
    if let Some(authority) = parts.uri.authority() {
        let named = without_default_port(authority.as_str(), parts.uri.scheme());
        let is_another = |host: &str| without_default_port(host, parts.uri.scheme()) != named;
        fields.retain(|(name, value)| name != "host" || is_another(value));
        fields.insert(0, ("host".to_owned(), authority.to_string()));
    }
    join_cookies(&mut fields);
    let protocol = parts.extensions.get::<h2::ext::Protocol>();
    let path = parts.uri.path_and_query();
    Http2Head {
        method: parts.method.to_string(),
        protocol: protocol.map(|protocol| protocol.as_str().to_owned()),
        path: path.map_or_else(String::new, ToString::to_string),
        fields,
    }
}

/// The same of what the fuzzer would have come; `None` if `h2` would not have it.
#[cfg(fuzzing)]
pub(crate) fn head_of(
    pseudo: crate::fuzzing::Http2Pseudo<'_>,
    fields: &[(String, String)],
) -> Option<Http2Head> {
    let path = Some(pseudo.path).filter(|path| !path.is_empty())?;
    let mut uri = http::uri::Builder::new().path_and_query(path);
    if let Some(authority) = pseudo.authority {
        uri = uri.scheme(pseudo.scheme).authority(authority);
    }
    let mut request = http::Request::builder().method(pseudo.method);
    if let Some(protocol) = pseudo.protocol {
        request = request.extension(h2::ext::Protocol::from(protocol));
    }
    let mut request = request.uri(uri.build().ok()?).body(()).ok()?;
    *request.headers_mut() = header_map(fields)?;
    Some(request_head(&request.into_parts().0))
}

/// A host as it can be compared.
fn without_default_port(host: &str, scheme: Option<&Scheme>) -> String {
    let port = match scheme {
        Some(scheme) if *scheme == Scheme::HTTPS => ":443",
        _ => ":80",
    };
    let host = host.trim_matches([' ', '\t']).to_ascii_lowercase();
    let bare = host.strip_suffix(port).map(str::to_owned);
    bare.unwrap_or(host)
}

fn join_cookies(fields: &mut Fields) {
    let is_cookie = |(name, _): &(String, String)| name == COOKIE.as_str();
    let Some(first) = fields.iter().position(is_cookie) else {
        return;
    };
    let cookies = fields.iter().filter(|field| is_cookie(field));
    let joined: Vec<_> = cookies.map(|(_, value)| value.as_str()).collect();
    fields[first].1 = joined.join("; ");
    let mut index = 0;
    fields.retain(|field| {
        index += 1;
        index <= first + 1 || !is_cookie(field)
    });
}

/// In the order in which they came, as far as they have different names.
pub(super) fn fields(map: &HeaderMap) -> Fields {
    map.iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), value.into_owned())
        })
        .collect()
}

/// `None` if there are too many, or one is none.
pub(super) fn header_map(fields: &[(String, String)]) -> Option<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        // RFC 7541 section 7.1.3: in no table of the connection's.
        value.set_sensitive(name == COOKIE || name == AUTHORIZATION);
        map.try_append(name, value).ok()?;
    }
    Some(map)
}
