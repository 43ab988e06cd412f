//! Names and passwords, for servers and for proxies.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use std::error::Error;
use std::fmt;
use url::Url;

/// A name and a password. Neither is ever shown: its `Debug` leaves both out.
///
/// Clause: [RFC 7617 section 2](https://www.rfc-editor.org/rfc/rfc7617#section-2).
///
/// ```
/// use dom_websocket::Credentials;
///
/// let credentials = Credentials::new("user", "secret").unwrap();
/// assert!(!format!("{credentials:?}").contains("secret"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: String,
    password: String,
}

/// Credentials with a control character, which can't be sent (RFC 7617 section 2).
///
/// ```
/// use dom_websocket::{Credentials, InvalidCredentials};
///
/// assert!(matches!(Credentials::new("us\ner", "secret"), Err(InvalidCredentials { .. })));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidCredentials;

impl Credentials {
    /// A name and a password.
    ///
    /// # Errors
    ///
    /// If there is a control character in one of them.
    ///
    /// ```
    /// use dom_websocket::Credentials;
    ///
    /// assert!(Credentials::new("ednamode", "nocapes!").is_ok());
    /// assert!(Credentials::new("edna\r\nmode", "").is_err());
    /// ```
    pub fn new(
        user: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<Self, InvalidCredentials> {
        let (user, password) = (user.into(), password.into());
        if user.chars().chain(password.chars()).any(char::is_control) {
            return Err(InvalidCredentials);
        }
        Ok(Self { user, password })
    }

    /// The `user:password@` of a URL, if it has any.
    pub(super) fn of_url(url: &Url) -> Result<Option<Self>, InvalidCredentials> {
        if url.username().is_empty() && url.password().is_none() {
            return Ok(None);
        }
        let decode = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Self::new(
            decode(url.username()),
            decode(url.password().unwrap_or_default()),
        )
        .map(Some)
    }

    /// RFC 7617 section 2: what a field that authorizes carries. A name with a colon has none: it would
    /// end there.
    pub(super) fn basic(&self) -> Option<String> {
        let pair = format!("{}:{}", self.user, self.password);
        let is_valid = !self.user.contains(':');
        is_valid.then(|| format!("Basic {}", BASE64_STANDARD.encode(pair)))
    }

    #[cfg(feature = "credentials")]
    pub(super) fn user(&self) -> &str {
        &self.user
    }

    #[cfg(feature = "credentials")]
    pub(super) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

impl fmt::Display for InvalidCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is a control character in the credentials")
    }
}

impl Error for InvalidCredentials {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credentials_of_a_url() {
        let of = |url: &str| Credentials::of_url(&Url::parse(url).unwrap());
        assert_eq!(of("ws://h/"), Ok(None));
        let both = of("ws://ednamode:nocapes!@h/").unwrap().unwrap();
        let basic = both.basic();
        assert_eq!(basic.as_deref(), Some("Basic ZWRuYW1vZGU6bm9jYXBlcyE="));
        assert_eq!(Credentials::new("a:b", "c").unwrap().basic(), None);
        let escaped = of("ws://a%40b:c%3ad@h/").unwrap().unwrap();
        assert_eq!(escaped, Credentials::new("a@b", "c:d").unwrap());
        assert!(of("ws://only@h/").unwrap().is_some());
        assert!(of("ws://:only@h/").unwrap().is_some());
        assert_eq!(of("ws://a%0d%0ab:c@h/"), Err(InvalidCredentials));
        assert_eq!(of("ws://a:%00@h/"), Err(InvalidCredentials));
        assert_eq!(format!("{both:?}"), "Credentials { .. }");
    }
}
