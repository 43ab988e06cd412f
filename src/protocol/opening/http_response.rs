//! A server application's own words in HTTP.

use super::tokens::is_token;
use std::fmt;
use std::fmt::Write;

/// A response in HTTP: to a request that asks for no WebSocket, or one that turns a client away.
///
/// The connection ends behind it.
///
/// ```
/// use dom_websocket::HttpResponse;
///
/// let page = HttpResponse::new(200).body("text/html; charset=utf-8", "<h1>Hello</h1>");
/// let elsewhere = HttpResponse::new(301).field("Location", "https://example.com/");
/// # let _ = (page, elsewhere);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    status: u16,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
}

impl HttpResponse {
    /// With this status and an empty body. A status that ends nothing, below 200 or over 599, is 500.
    ///
    /// Clause: [RFC 9110 section 15](https://www.rfc-editor.org/rfc/rfc9110#section-15).
    ///
    /// ```
    /// use dom_websocket::HttpResponse;
    ///
    /// let not_found = HttpResponse::new(404);
    /// ```
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status: if (200..600).contains(&status) {
                status
            } else {
                500
            },
            fields: Vec::new(),
            body: Vec::new(),
        }
    }

    /// With this body, of this media type.
    ///
    /// ```
    /// use dom_websocket::HttpResponse;
    ///
    /// let page = HttpResponse::new(200).body("text/plain; charset=utf-8", "all is well");
    /// ```
    #[must_use]
    pub fn body(self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..self.field("Content-Type", media_type)
        }
    }

    /// With one more field. One whose name is no token, or is HTTP's framing, is left out, and a control character in a
    /// value is a space: so nothing that came from a client makes a field of its own.
    ///
    /// ```
    /// use dom_websocket::HttpResponse;
    ///
    /// let elsewhere = HttpResponse::new(301).field("Location", "https://example.com/");
    /// ```
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        let is_framing = ["connection", "content-length", "transfer-encoding"]
            .iter()
            .any(|framing| name.eq_ignore_ascii_case(framing));
        if is_token(name) && !is_framing {
            let value = value.chars().map(|c| if c.is_control() { ' ' } else { c });
            self.fields.push((name.to_owned(), value.collect()));
        }
        self
    }

    /// As it is sent.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        let mut head = format!(
            "HTTP/1.1 {} {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.status,
            reason(self.status),
            self.body.len()
        );
        for (name, value) in &self.fields {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend(self.body);
        bytes
    }
}

/// RFC 9110 section 15, of those that servers of WebSockets have a use for; others have none, as RFC 9112 section 4
/// allows.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    }
}

/// Without what may be a secret: the values of fields, and the body.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.fields.iter().map(|(name, _)| name).collect();
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("fields", &names)
            .field("body", &self.body.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(response: HttpResponse) -> String {
        String::from_utf8(response.into_bytes()).unwrap()
    }

    #[test]
    fn a_page() {
        assert_eq!(
            text(HttpResponse::new(200).body("text/plain", "hello")),
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello"
        );
        assert!(text(HttpResponse::new(299)).starts_with("HTTP/1.1 299 \r\n"));
        assert!(text(HttpResponse::new(101)).starts_with("HTTP/1.1 500 "));
    }

    #[test]
    fn nothing_in_a_field_makes_another() {
        let response = HttpResponse::new(302)
            .field("Location", "/x\r\nSet-Cookie: a=b")
            .field("a b", "x")
            .field("", "x")
            .field("content-LENGTH", "7")
            .field("Transfer-Encoding", "chunked");
        let text = text(response);
        assert!(
            text.contains("\r\nLocation: /x  Set-Cookie: a=b\r\n"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 5, "{text}");
    }

    #[test]
    fn each_status_has_the_reason_of_the_standard() {
        for line in [
            "200 OK",
            "204 No Content",
            "301 Moved Permanently",
            "302 Found",
            "303 See Other",
            "307 Temporary Redirect",
            "308 Permanent Redirect",
            "400 Bad Request",
            "401 Unauthorized",
            "403 Forbidden",
            "404 Not Found",
            "405 Method Not Allowed",
            "426 Upgrade Required",
            "429 Too Many Requests",
            "500 Internal Server Error",
            "503 Service Unavailable",
        ] {
            let text = text(HttpResponse::new(line[..3].parse().unwrap()));
            assert_eq!(text.lines().next(), Some(&*format!("HTTP/1.1 {line}")));
        }
        for status in [0, 199, 600] {
            assert_eq!(HttpResponse::new(status), HttpResponse::new(500));
        }
        assert_eq!(HttpResponse::new(599).status, 599);
    }
}
