//! Whom a user agent trusts over TLS, and what it shows of itself.

use super::UserAgentBuilder;
use crate::net::tls::TlsError;

impl UserAgentBuilder {
    /// Trusts the certificates in this PEM text in place of the system's roots: those that they vouch for, and
    /// themselves. So a server's own certificate, as `openssl req -x509` makes it, can be trusted by name. More calls
    /// add more.
    ///
    /// # Errors
    ///
    /// If there is no certificate in it, or one that can't vouch for others: then none of them is trusted.
    ///
    /// ```
    /// use dom_websocket::UserAgent;
    ///
    /// # let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    /// # let pem = certified.cert.pem();
    /// // A file's, as a rule.
    /// let user_agent = UserAgent::builder().root_certificates(pem.as_bytes())?.build();
    /// assert!(UserAgent::builder().root_certificates(b"no certificate").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn root_certificates(&mut self, pem: &[u8]) -> Result<&mut Self, TlsError> {
        self.settings.tls.trust(pem)?;
        Ok(self)
    }

    /// Trusts these in place of the system's roots. More calls add more.
    ///
    /// ```
    /// use dom_websocket::UserAgent;
    /// use dom_websocket::rustls::RootCertStore;
    ///
    /// // Nobody is trusted.
    /// let user_agent = UserAgent::builder().root_cert_store(RootCertStore::empty()).build();
    /// ```
    #[cfg(feature = "rustls")]
    pub fn root_cert_store(&mut self, roots: crate::rustls::RootCertStore) -> &mut Self {
        self.settings.tls.trust_roots(roots);
        self
    }

    /// Shows this certificate, with those that vouch for it, to servers that ask for one, those that a redirect leads to among them;
    /// both are PEM. Proxies are not shown it.
    ///
    /// # Errors
    ///
    /// If one of them is missing, or they don't belong together.
    ///
    /// ```
    /// use dom_websocket::UserAgent;
    ///
    /// # let certified = rcgen::generate_simple_self_signed(["alice".to_owned()])?;
    /// # let (chain, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
    /// let user_agent = UserAgent::builder()
    ///     .client_certificate(chain.as_bytes(), key.as_bytes())?
    ///     .build();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn client_certificate(&mut self, chain: &[u8], key: &[u8]) -> Result<&mut Self, TlsError> {
        self.settings.tls.identify(chain, key)?;
        Ok(self)
    }

    /// Shows this certificate, with those that vouch for it, to `https:` proxies that ask for one; both are PEM.
    ///
    /// # Errors
    ///
    /// As [`client_certificate`](Self::client_certificate).
    ///
    /// ```
    /// use dom_websocket::{Proxies, Proxy, UserAgent};
    ///
    /// # let certified = rcgen::generate_simple_self_signed(["alice".to_owned()])?;
    /// # let (chain, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
    /// let user_agent = UserAgent::builder()
    ///     .proxies(Proxies::from(Proxy::new("https://proxy.example")?))
    ///     .proxy_client_certificate(chain.as_bytes(), key.as_bytes())?
    ///     .build();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "proxies")]
    pub fn proxy_client_certificate(
        &mut self,
        chain: &[u8],
        key: &[u8],
    ) -> Result<&mut Self, TlsError> {
        self.settings.tls.identify_to_proxies(chain, key)?;
        Ok(self)
    }

    /// **Believes whoever answers.** For tests: a connection without a verified certificate is open to
    /// everyone between here and there.
    ///
    /// ```
    /// use dom_websocket::UserAgent;
    ///
    /// let user_agent = UserAgent::builder().dangerously_accept_any_certificate().build();
    /// ```
    pub fn dangerously_accept_any_certificate(&mut self) -> &mut Self {
        self.settings.tls.accept_any();
        self
    }
}
