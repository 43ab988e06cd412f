//! Answers to 401 and 407 (RFC 9110 section 11), by Basic (RFC 7617) and Digest (RFC 7616).

use super::Credentials;
use crate::protocol::opening::Response;
use futures::future::LocalBoxFuture;
use http_auth::digest::Algorithm;
use http_auth::{DigestClient, PasswordClient, PasswordParams};
use std::future::Future;
use std::rc::Rc;

/// A server or proxy asks who we are.
///
/// ```
/// use dom_websocket::{AuthScheme, Challenge, Credentials, UserAgent};
///
/// async fn ask(challenge: Challenge) -> Option<Credentials> {
///     // A password is not sent as it is, and not guessed at.
///     if challenge.scheme() == AuthScheme::Basic || challenge.attempt() > 1 {
///         return None;
///     }
///     Credentials::new("user", "secret").ok()
/// }
///
/// let user_agent = UserAgent::builder().server_credentials(ask).build();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub(super) host: String,
    pub(super) is_proxy: bool,
    pub(super) scheme: AuthScheme,
    pub(super) realm: String,
    pub(super) attempt: u32,
}

/// How a password is proved.
///
/// ```
/// use dom_websocket::{AuthScheme, Challenge};
///
/// fn is_safe_without_tls(challenge: &Challenge) -> bool {
///     challenge.scheme() == AuthScheme::Digest
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthScheme {
    /// It is sent as it is: only TLS keeps it secret.
    Basic,
    /// A digest of it is sent.
    Digest,
    /// SOCKS5's own (RFC 1929): it is sent as it is.
    Socks5,
}

impl Challenge {
    /// Who asks, as `host` or `host:port`.
    ///
    /// ```
    /// use dom_websocket::Challenge;
    ///
    /// fn prompt(challenge: &Challenge) -> String {
    ///     format!("Password for {}:", challenge.host())
    /// }
    /// ```
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is a proxy.
    ///
    /// ```
    /// use dom_websocket::Challenge;
    ///
    /// fn prompt(challenge: &Challenge) -> &'static str {
    ///     if challenge.is_proxy() { "Proxy password:" } else { "Password:" }
    /// }
    /// ```
    #[must_use]
    pub fn is_proxy(&self) -> bool {
        self.is_proxy
    }

    /// How the password will be proved. Where several ways are offered it is Digest.
    ///
    /// ```
    /// use dom_websocket::{AuthScheme, Challenge};
    ///
    /// fn is_sent_as_it_is(challenge: &Challenge) -> bool {
    ///     challenge.scheme() != AuthScheme::Digest
    /// }
    /// ```
    #[must_use]
    pub fn scheme(&self) -> AuthScheme {
        self.scheme
    }

    /// What the credentials are for, in the words of whoever asks. SOCKS5 has none.
    ///
    /// ```
    /// use dom_websocket::Challenge;
    ///
    /// fn prompt(challenge: &Challenge) -> String {
    ///     format!("Password for {:?}:", challenge.realm())
    /// }
    /// ```
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// 1 the first time; one more each time that credentials were refused.
    ///
    /// ```
    /// use dom_websocket::Challenge;
    ///
    /// fn was_refused(challenge: &Challenge) -> bool {
    ///     challenge.attempt() > 1
    /// }
    /// ```
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }
}

/// So many credentials are tried, those of the URL among them.
pub(super) const MAX_ATTEMPTS: u32 = 10;

/// Who knows names and passwords.
pub(super) type Provider = Rc<dyn Fn(Challenge) -> LocalBoxFuture<'static, Option<Credentials>>>;

pub(super) fn provider<F: Future<Output = Option<Credentials>> + 'static>(
    provide: impl Fn(Challenge) -> F + 'static,
) -> Provider {
    Rc::new(move |challenge| Box::pin(provide(challenge)))
}

/// An answer to a challenge: credentials, and how they are proved.
pub(super) struct Proof {
    client: PasswordClient,
    credentials: Credentials,
    /// Who asks has said so (RFC 7617 section 2.1).
    knows_utf_8: bool,
    /// [`untold_algorithm`]
    algorithm: &'static str,
}

/// One party's questions, and our answers to them.
#[derive(Default)]
pub(super) struct Authentication {
    /// Those of the URL, which are tried first, and once.
    credentials: Option<Credentials>,
    provider: Option<Provider>,
    attempts: u32,
    /// What was sent last, which is not sent again to who refuses it.
    sent: Option<(AuthScheme, Credentials)>,
    /// The URL's have been sent unasked, as they are: with them only Digest is another try.
    has_preempted: bool,
}

impl Authentication {
    pub(super) fn new(credentials: Option<Credentials>, provider: Option<Provider>) -> Self {
        Self {
            credentials,
            provider,
            attempts: 0,
            sent: None,
            has_preempted: false,
        }
    }

    /// The URL's credentials, to be sent before anybody has asked.
    pub(super) fn preempt(&mut self) -> Option<Credentials> {
        self.has_preempted = self.credentials.is_some();
        self.sent = self
            .credentials
            .clone()
            .map(|sent| (AuthScheme::Basic, sent));
        self.credentials.clone()
    }

    /// Whether there is anything to answer with.
    pub(super) fn can_answer(&self) -> bool {
        self.credentials.is_some() || self.provider.is_some()
    }

    /// What answers this response of a host's: `None` where nobody knows anything.
    pub(super) async fn answer(&mut self, response: &Response, host: &str) -> Option<Proof> {
        let is_proxy = response.status() == 407;
        let field = if is_proxy {
            "proxy-authenticate"
        } else {
            "www-authenticate"
        };
        let values: Vec<_> = response.all(field).collect();
        let mut builder = PasswordClient::builder();
        for value in &values {
            // The crate reads ASCII. Whoever asks for the password itself gets it whatever a realm looks like.
            let ascii = value.replace(|c: char| !c.is_ascii(), "?");
            builder = builder.challenges(&ascii);
        }
        let is_ascii = values.iter().all(|value| value.is_ascii());
        let client = builder.build().ok()?;
        let mut algorithm = "";
        let (scheme, realm, is_stale) = match &client {
            // Of another realm it would be wrong, and the password is not for who can do without.
            PasswordClient::Digest(_) if !is_ascii => return None,
            PasswordClient::Digest(digest) => {
                // RFC 2069 has nothing that names the client's nonce.
                if digest.rfc2069_compat() && digest.session() {
                    return None;
                }
                algorithm = untold_algorithm(digest);
                (AuthScheme::Digest, digest.realm(), digest.stale())
            }
            PasswordClient::Basic(basic) => (AuthScheme::Basic, basic.realm(), false),
            _ => return None,
        };
        // RFC 7616 section 3.3: only the nonce was wrong.
        let again = self
            .sent
            .clone()
            .filter(|(of, _)| is_stale && *of == scheme);
        let credentials = match again {
            Some((_, credentials)) if self.may_try() => credentials,
            _ => self.credentials(host, is_proxy, scheme, realm).await?,
        };
        // RFC 7617 section 2: it would end at the colon.
        if scheme == AuthScheme::Basic && credentials.user().contains(':') {
            return None;
        }
        let knows_utf_8 = values
            .iter()
            .any(|value| value.to_ascii_lowercase().contains("charset="));
        Some(Proof {
            client,
            credentials,
            knows_utf_8,
            algorithm,
        })
    }

    /// The URL's credentials, then the provider's, as often as it has others.
    pub(super) async fn credentials(
        &mut self,
        host: &str,
        is_proxy: bool,
        scheme: AuthScheme,
        realm: &str,
    ) -> Option<Credentials> {
        if std::mem::take(&mut self.has_preempted) && scheme != AuthScheme::Digest {
            self.credentials = None;
            self.attempts += 1;
        }
        if !self.may_try() {
            return None;
        }
        let credentials = match self.credentials.take() {
            Some(credentials) => credentials,
            None => {
                let provider = self.provider.clone()?;
                provider(Challenge {
                    host: host.to_owned(),
                    is_proxy,
                    scheme,
                    realm: realm.to_owned(),
                    attempt: self.attempts,
                })
                .await?
            }
        };
        let sent = Some((scheme, credentials.clone()));
        let is_refused = std::mem::replace(&mut self.sent, sent) == self.sent;
        (!is_refused).then_some(credentials)
    }

    /// Counts one more attempt.
    fn may_try(&mut self) -> bool {
        self.attempts += 1;
        self.attempts <= MAX_ATTEMPTS
    }

    /// How many credentials have been tried, or asked for.
    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }
}

impl Proof {
    /// The value of the field that has it, in a request by this method for this target, as the request line has it: a digest is of
    /// both. Each is another one, and counted (RFC 7616 section 3.4). `None` where none can be sent.
    pub(super) fn field(&mut self, method: &str, target: &str) -> Option<String> {
        let user = self.credentials.user();
        let responded = self.client.respond(&PasswordParams {
            username: user,
            password: self.credentials.password(),
            uri: target,
            method,
            // Without one the digest is of the request alone, as servers expect it of GET and CONNECT.
            body: None,
        });
        let value = match responded.ok()? {
            value if self.knows_utf_8 => value,
            value => with_plain_username(value, user),
        };
        // A realm or nonce must not end the line that it is quoted in.
        Some(value + self.algorithm).filter(|value| !value.chars().any(char::is_control))
    }
}

/// RFC 7616 section 3.4: what was asked for. The crate does not tell it to who knows no `qop`.
fn untold_algorithm(digest: &DigestClient) -> &'static str {
    match digest.algorithm() {
        _ if !digest.rfc2069_compat() => "",
        Algorithm::Sha256 => ", algorithm=SHA-256",
        Algorithm::Sha512Trunc256 => ", algorithm=SHA-512-256",
        _ => "",
    }
}

/// RFC 7616 section 3.4: a name that is not ASCII goes into `username*`. Who has not said that it knows UTF-8
/// (section 4) is likely not to know that either, as squid does not, and gets a quoted string.
fn with_plain_username(digest: String, user: &str) -> String {
    const EXTENDED: &str = "Digest username*=UTF-8''";
    match digest
        .strip_prefix(EXTENDED)
        .and_then(|rest| rest.split_once(','))
    {
        None => digest,
        Some((_, rest)) => {
            let user = user.replace('\\', "\\\\").replace('"', "\\\"");
            format!("Digest username=\"{user}\",{rest}")
        }
    }
}
