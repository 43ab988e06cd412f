//! A user agent's settings.

#[cfg(feature = "tls")]
mod certificates;
#[cfg(feature = "http2")]
mod http2;

#[cfg(feature = "cookies")]
use super::CookieJar;
#[cfg(feature = "proxies")]
use super::Proxies;
use super::diagnostics::Observer;
use super::headers::Headers;
#[cfg(feature = "http2")]
use super::http2::{Http2, Lender};
use super::{BLOCKED_PORTS, InvalidHeader, Observation, UserAgent};
#[cfg(feature = "credentials")]
use super::{
    Challenge, Credentials,
    authentication::{Provider, provider},
};
#[cfg(feature = "http2")]
use crate::net::http2::Http2Options;
#[cfg(feature = "tls")]
use crate::net::tls::ClientTls;
use crate::protocol::opening::Compression;
use crate::protocol::{ActiveClose, ConnectionOptions, Limits, Resources, Timeouts};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) connection: Arc<ConnectionOptions>,
    pub(super) blocked_ports: Vec<u16>,
    pub(super) blocks_mixed_content: bool,
    pub(super) compression: Option<Compression>,
    pub(super) headers: Headers,
    /// How many are followed.
    pub(super) redirects: usize,
    pub(super) tcp_keep_alive: Option<Duration>,
    pub(super) observer: Option<Observer>,
    pub(super) logs_failures: bool,
    #[cfg(feature = "tls")]
    pub(super) tls: ClientTls,
    #[cfg(feature = "proxies")]
    pub(super) proxies: Proxies,
    #[cfg(feature = "http2")]
    pub(super) http2: Http2,
    #[cfg(feature = "http2")]
    pub(super) http2_options: Http2Options,
    #[cfg(feature = "http2")]
    pub(super) http2_lender: Option<Lender>,
    #[cfg(feature = "credentials")]
    pub(super) proxy_credentials: Option<Provider>,
    #[cfg(feature = "credentials")]
    pub(super) server_credentials: Option<Provider>,
    #[cfg(feature = "cookies")]
    pub(super) cookie_jar: Option<CookieJar>,
}

/// Makes a [`UserAgent`].
///
/// It is used in a chain, or kept and used step by step; a method that fails leaves it as it was. Each call of
/// [`build`](Self::build) makes a user agent of its own with the settings of that moment; what settings refer to
/// (an observer, a provider of credentials, a cookie jar) they share. Its clones go separate ways.
///
/// ```
/// use dom_websocket::UserAgent;
///
/// let mut builder = UserAgent::builder();
/// builder.compression(false);
/// if let Err(error) = builder.header("X-Name", "not\none line") {
///     eprintln!("{error}");
/// }
/// let user_agent = builder.build();
/// ```
#[derive(Clone)]
#[must_use = "no user agent is made before `build` is called"]
pub struct UserAgentBuilder {
    settings: Settings,
}

impl UserAgent {
    /// Begins a user agent of its own.
    ///
    /// ```
    /// use dom_websocket::UserAgent;
    ///
    /// let user_agent = UserAgent::builder().log_failures().build();
    /// ```
    pub fn builder() -> UserAgentBuilder {
        UserAgentBuilder {
            settings: Settings {
                connection: Arc::default(),
                blocked_ports: BLOCKED_PORTS.to_vec(),
                blocks_mixed_content: true,
                compression: Some(Compression::default()),
                headers: Headers::default(),
                redirects: 0,
                tcp_keep_alive: None,
                observer: None,
                logs_failures: false,
                #[cfg(feature = "tls")]
                tls: ClientTls::default(),
                #[cfg(feature = "proxies")]
                proxies: Proxies::new(),
                #[cfg(feature = "http2")]
                http2: Http2::default(),
                #[cfg(feature = "http2")]
                http2_options: Http2Options::default(),
                #[cfg(feature = "http2")]
                http2_lender: None,
                #[cfg(feature = "credentials")]
                proxy_credentials: None,
                #[cfg(feature = "credentials")]
                server_credentials: None,
                #[cfg(feature = "cookies")]
                cookie_jar: None,
            },
        }
    }
}

impl UserAgentBuilder {
    /// How much memory one connection may cost.
    ///
    /// ```
    /// use dom_websocket::{Limits, UserAgent};
    ///
    /// let user_agent = UserAgent::builder()
    ///     .limits(Limits { message: 1024 * 1024, ..Default::default() })
    ///     .build();
    /// ```
    pub fn limits(&mut self, limits: Limits) -> &mut Self {
        Arc::make_mut(&mut self.settings.connection).limits = limits;
        self
    }

    /// How long each wait on a peer lasts at the most, and whether idle peers are pinged.
    ///
    /// ```
    /// use dom_websocket::{Timeouts, UserAgent};
    /// use std::time::Duration;
    ///
    /// let user_agent = UserAgent::builder()
    ///     .timeouts(Timeouts { opening_handshake: Duration::from_secs(5), ..Default::default() })
    ///     .build();
    /// ```
    pub fn timeouts(&mut self, timeouts: Timeouts) -> &mut Self {
        Arc::make_mut(&mut self.settings.connection).timeouts = timeouts;
        self
    }

    /// Who ends TCP first, and so keeps the connection in TIME_WAIT: this end, or the server. Default: as the edition
    /// has it.
    ///
    /// Clause: [RFC 6455 section 7.1.1](https://www.rfc-editor.org/rfc/rfc6455#section-7.1.1).
    ///
    /// ```
    /// use dom_websocket::{ActiveClose, UserAgent};
    ///
    /// let user_agent = UserAgent::builder().active_close(ActiveClose::Ours).build();
    /// ```
    pub fn active_close(&mut self, active_close: ActiveClose) -> &mut Self {
        Arc::make_mut(&mut self.settings.connection).active_close = active_close;
        self
    }

    /// The ports that no socket may connect to, in place of [`BLOCKED_PORTS`]. 80 and 443 are never
    /// blocked.
    ///
    /// Clause: [Fetch, "port blocking"](https://fetch.spec.whatwg.org/#port-blocking).
    ///
    /// ```
    /// use dom_websocket::{BLOCKED_PORTS, UserAgent};
    ///
    /// let mut builder = UserAgent::builder();
    /// let none = builder.blocked_ports([]).build();
    /// let more = builder.blocked_ports(BLOCKED_PORTS.iter().copied().chain([9001])).build();
    /// ```
    pub fn blocked_ports(&mut self, ports: impl IntoIterator<Item = u16>) -> &mut Self {
        self.settings.blocked_ports = ports.into_iter().collect();
        self
    }

    /// Whether a document with an `https:` origin is kept from opening `ws:` URLs, in the living edition
    /// (Mixed Content section 4.4). URLs of this machine (`localhost`, 127.0.0.0/8, `[::1]`) are open to it in any
    /// case, as the standard has it. Default: yes.
    ///
    /// Clause: [Mixed Content section 4.4](https://w3c.github.io/webappsec-mixed-content/#should-block-fetch).
    ///
    /// ```
    /// use dom_websocket::UserAgent;
    ///
    /// let user_agent = UserAgent::builder().block_mixed_content(false).build();
    /// ```
    pub fn block_mixed_content(&mut self, block: bool) -> &mut Self {
        self.settings.blocks_mixed_content = block;
        self
    }

    /// Whether permessage-deflate is offered, in the living edition. Default: yes.
    ///
    /// ```
    /// use dom_websocket::UserAgent;
    ///
    /// let user_agent = UserAgent::builder().compression(false).build();
    /// ```
    pub fn compression(&mut self, compression: bool) -> &mut Self {
        self.settings.compression = compression.then(Compression::default);
        self
    }

    /// How permessage-deflate is offered, in the living edition.
    ///
    /// Clause: [RFC 7692 section 7.1](https://www.rfc-editor.org/rfc/rfc7692#section-7.1).
    ///
    /// ```
    /// use dom_websocket::{Compression, UserAgent};
    ///
    /// let user_agent = UserAgent::builder()
    ///     .compression_options(Compression { level: 1, ..Default::default() })
    ///     .build();
    /// ```
    pub fn compression_options(&mut self, options: Compression) -> &mut Self {
        self.settings.compression = Some(options);
        self
    }

    /// Adds a field to the request of every socket, `User-Agent` for one. [A single
    /// socket](crate::WebSocketBuilder::header) can have more.
    ///
    /// # Errors
    ///
    /// If the name is not a token, the value has a control character, or the field is the handshake's own
    /// (`Host`, `Upgrade`, `Connection`, `Origin`, all that begin with `Sec-`) or of HTTP's framing.
    ///
    /// ```
    /// use dom_websocket::{InvalidHeader, UserAgent};
    ///
    /// let mut builder = UserAgent::builder();
    /// assert!(builder.header("User-Agent", "example/1.0").is_ok());
    /// assert_eq!(builder.header("Host", "example.org").unwrap_err(), InvalidHeader::Reserved);
    /// ```
    pub fn header(&mut self, name: &str, value: &str) -> Result<&mut Self, InvalidHeader> {
        self.settings.headers.add(name, value)?;
        Ok(self)
    }

    /// Follows so many redirects (301, 302, 303, 307, 308) of one handshake; the standards have them
    /// fail, which is the default. `http:` stands for `ws:` then. Never followed are those from `wss:`
    /// to `ws:` and to blocked ports. A redirect to another origin loses the `Authorization` and `Cookie`
    /// fields that were [added](Self::header), and the `Origin` becomes `null` where Fetch has it so.
    ///
    /// ```
    /// use dom_websocket::UserAgent;
    ///
    /// let user_agent = UserAgent::builder().follow_redirects(5).build();
    /// ```
    pub fn follow_redirects(&mut self, count: usize) -> &mut Self {
        self.settings.redirects = count;
        self
    }

    /// Has the system ask idle peers whether they are there (TCP keep-alive), first after this time and
    /// then as often again, in whole seconds from 1 to 32767. In both editions; script and peer don't see it. Default: no. For RFC 6455's own
    /// way see [`Timeouts::ping`].
    ///
    /// ```
    /// use dom_websocket::UserAgent;
    /// use std::time::Duration;
    ///
    /// let user_agent = UserAgent::builder().tcp_keep_alive(Duration::from_secs(60)).build();
    /// ```
    pub fn tcp_keep_alive(&mut self, idle: Duration) -> &mut Self {
        self.settings.tcp_keep_alive = Some(idle);
        self
    }

    /// Calls this with each step of each socket's connection, and with the real cause of its failure: all
    /// that is kept from script. It is called as things happen; from the response on that decides over the
    /// opening handshake, with the task of what came of it, ahead of the events. It should be quick. It may close
    /// the socket. If it panics, that is an exception to report, or goes on where no task runs.
    ///
    /// ```
    /// use dom_websocket::{Step, UserAgent};
    ///
    /// let user_agent = UserAgent::builder()
    ///     .observer(|observation| match observation.step {
    ///         Step::Failed(cause) => eprintln!("{}: {cause}", observation.url),
    ///         _ => {}
    ///     })
    ///     .build();
    /// ```
    pub fn observer(&mut self, observer: impl Fn(&Observation<'_>) + 'static) -> &mut Self {
        self.settings.observer = Some(Rc::new(observer));
        self
    }

    /// Writes each failed connection with its cause on a line of standard error, as a browser's console does. A
    /// program that is no console's takes an [`observer`](Self::observer), or the feature `tracing`.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, UserAgent, WebSocket};
    ///
    /// # fn main() -> Result<(), dom_websocket::DomException> {
    /// let event_loop = EventLoop::new();
    /// let user_agent = UserAgent::builder().log_failures().build();
    /// let socket = WebSocket::builder(&event_loop, "ws://127.0.0.1:1/")
    ///     .user_agent(&user_agent)
    ///     .open()?;
    /// // WebSocket connection to ws://127.0.0.1:1/ failed: port 1 is blocked
    /// event_loop.run();
    /// # Ok(())
    /// # }
    /// ```
    pub fn log_failures(&mut self) -> &mut Self {
        self.settings.logs_failures = true;
        self
    }

    /// Goes through these proxies: [`Proxies`], or a single [`Proxy`](super::Proxy) for everything.
    /// Default: none; the environment is looked at only by
    /// [`Proxies::from_environment`].
    ///
    /// ```
    /// use dom_websocket::{Proxies, Proxy, UserAgent};
    ///
    /// let one_for_all = UserAgent::builder().proxies(Proxy::new("socks5://127.0.0.1:1080")?).build();
    /// let as_curl_has_it = UserAgent::builder().proxies(Proxies::from_environment()?).build();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "proxies")]
    pub fn proxies(&mut self, proxies: impl Into<Proxies>) -> &mut Self {
        self.settings.proxies = proxies.into();
        self
    }

    /// Asks this for credentials when a proxy wants some (407, or SOCKS5's method 2) and does not take those
    /// of its URL; again, with the number of the attempt, each time that they are refused, and up to ten
    /// times. `None` gives up, and so does what has just been refused. The time that it takes does not count against the handshake's.
    ///
    /// ```
    /// use dom_websocket::{Credentials, UserAgent};
    ///
    /// let user_agent = UserAgent::builder()
    ///     .proxy_credentials(|challenge| async move {
    ///         // A dialog could be shown and waited for here.
    ///         match challenge.attempt() {
    ///             1 => Credentials::new("user", "secret").ok(),
    ///             _ => None,
    ///         }
    ///     })
    ///     .build();
    /// ```
    #[cfg(feature = "credentials")]
    pub fn proxy_credentials<F>(&mut self, provide: impl Fn(Challenge) -> F + 'static) -> &mut Self
    where
        F: Future<Output = Option<Credentials>> + 'static,
    {
        self.settings.proxy_credentials = Some(provider(provide));
        self
    }

    /// Answers a server's 401, by Basic or Digest: with the credentials of the URL, then with what this
    /// provides, as [`proxy_credentials`](Self::proxy_credentials) does. Without it a 401 fails, as
    /// both standards have it.
    ///
    /// ```
    /// use dom_websocket::{Credentials, UserAgent};
    ///
    /// let user_agent = UserAgent::builder()
    ///     .server_credentials(|challenge| async move {
    ///         println!("{} wants a password for {:?}", challenge.host(), challenge.realm());
    ///         (challenge.attempt() == 1).then(|| Credentials::new("user", "secret").ok())?
    ///     })
    ///     .build();
    /// ```
    #[cfg(feature = "credentials")]
    pub fn server_credentials<F>(&mut self, provide: impl Fn(Challenge) -> F + 'static) -> &mut Self
    where
        F: Future<Output = Option<Credentials>> + 'static,
    {
        self.settings.server_credentials = Some(provider(provide));
        self
    }

    /// Sends and keeps cookies. Default: none are sent or kept.
    ///
    /// ```
    /// use dom_websocket::{CookieJar, UserAgent};
    ///
    /// let jar = CookieJar::new();
    /// let user_agent = UserAgent::builder().cookie_jar(&jar).build();
    /// ```
    #[cfg(feature = "cookies")]
    pub fn cookie_jar(&mut self, jar: &CookieJar) -> &mut Self {
        self.settings.cookie_jar = Some(jar.clone());
        self
    }

    /// The user agent.
    ///
    /// ```
    /// use dom_websocket::UserAgent;
    ///
    /// let mut builder = UserAgent::builder();
    /// // Each call makes one with a queue of its own.
    /// assert_ne!(builder.build(), builder.build());
    /// ```
    #[must_use]
    pub fn build(&self) -> UserAgent {
        let mut settings = self.settings.clone();
        Arc::make_mut(&mut settings.connection).resources = Resources::default();
        UserAgent::new(settings)
    }
}

impl fmt::Debug for UserAgentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserAgentBuilder").finish_non_exhaustive()
    }
}
