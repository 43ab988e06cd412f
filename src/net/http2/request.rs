//! What a client asks for.

use super::head::{Fields, header_map};
use http::{Method, Uri};
use std::fmt;

/// What a WebSocket's stream is opened with, and a host that lends streams is asked for: an extended CONNECT, whose `:method` is
/// `CONNECT` and whose `:protocol` is `websocket`.
///
/// Clause: [RFC 8441 section 5](https://www.rfc-editor.org/rfc/rfc8441#section-5); for HTTP/3 it is
/// [RFC 9220](https://www.rfc-editor.org/rfc/rfc9220).
///
/// ```
/// use dom_websocket::{Http2Exchange, UserAgent};
///
/// let user_agent = UserAgent::builder()
///     .http2_lender(|request| async move {
///         println!("{} {}", request.authority(), request.path());
///         // There is no connection to that one.
///         Ok(None::<Http2Exchange>)
///     })
///     .build();
/// ```
pub struct Http2Request {
    pub(crate) secure: bool,
    pub(crate) authority: String,
    pub(crate) path: String,
    pub(crate) fields: Fields,
}

impl Http2Request {
    /// `:scheme`: `https` for `wss:`, and `http` for `ws:`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// `:authority`: the host, and the port where that is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// `:path`, with the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The fields, by name and value: cookies and credentials among them. Names are in lower case, as HTTP/2 has them.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// RFC 8441 section 5: `websocket` in `:protocol`, and no field of HTTP/1.1's for it.
    pub(super) fn into_http(self) -> Result<http::Request<()>, Unsayable> {
        let uri = format!("{}://{}{}", self.scheme(), self.authority, self.path);
        let mut request = http::Request::new(());
        *request.method_mut() = Method::CONNECT;
        *request.uri_mut() = uri.parse::<Uri>().map_err(|_| Unsayable)?;
        *request.headers_mut() = header_map(&self.fields).ok_or(Unsayable)?;
        let protocol = h2::ext::Protocol::from_static("websocket");
        request.extensions_mut().insert(protocol);
        Ok(request)
    }
}

/// Where it leads, without the query, and the names of the fields: the rest can be secrets.
impl fmt::Debug for Http2Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.fields.iter().map(|(name, _)| name).collect();
        f.debug_struct("Http2Request")
            .field("authority", &self.authority)
            .field("path", &self.path.split('?').next())
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}

/// It can't be said in HTTP/2: what there is of it is too long.
#[derive(Debug)]
pub(crate) struct Unsayable;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::url;

    /// RFC 9113 section 8.3.1: whatever a URL can be is said as it is.
    #[test]
    fn all_that_stands_in_a_url_can_be_asked_for() {
        let printable: String = (' '..='~').filter(|c| !"?#/\\".contains(*c)).collect();
        for url in [
            format!("ws://example.com/{printable}/{printable}"),
            format!("ws://example.com/?{printable}?/\\"),
            "wss://[::1]:8080/%00\u{7f}\u{80}?\u{7f}\u{2028}".to_owned(),
            "ws://xn--mgba3a4f16a.ir/".to_owned(),
            "ws://1.2.3.4:1/".to_owned(),
            format!("ws://{}.example/", "a_~!$&'()*+,;=-.".repeat(3)),
        ] {
            let (_, url) = url::parse(&url).unwrap();
            let request = Http2Request {
                secure: url.secure,
                authority: url.host_and_port(),
                path: url.resource_name.clone(),
                fields: Vec::new(),
            };
            let request = request.into_http().expect("it can be said");
            let path = request.uri().path_and_query().unwrap();
            assert_eq!(path.as_str(), url.resource_name);
            assert_eq!(
                request.uri().authority().unwrap().as_str(),
                url.host_and_port()
            );
        }
    }
}
