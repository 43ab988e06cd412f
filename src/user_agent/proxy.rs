//! Proxies (hixie-76 section 4.1 step 2, RFC 6455 section 4.1 step 3).

mod connect;
mod environment;
mod socks5;

pub(super) use connect::{Connected, connect};
pub(super) use socks5::socks5;

use super::Credentials;
use crate::protocol::url::without_brackets;
use hyper_util::client::proxy::matcher::Matcher;
use std::error::Error;
use std::fmt;
use std::rc::Rc;
use url::{Host, Url};

/// A proxy: by CONNECT over HTTP, by CONNECT over HTTPS, or by SOCKS5.
///
/// ```
/// use dom_websocket::Proxy;
///
/// let proxy = Proxy::new("http://user:secret@proxy.example:3128").unwrap();
/// assert!(!proxy.to_string().contains("secret"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub(super) scheme: ProxyScheme,
    /// Without an IPv6 address's brackets.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) credentials: Option<Credentials>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProxyScheme {
    Http,
    /// TLS to the proxy itself.
    Https,
    Socks5,
}

/// The address of a proxy that can't be used.
///
/// ```
/// use dom_websocket::{InvalidProxy, Proxy};
///
/// let error: InvalidProxy = Proxy::new("gopher://proxy.example").unwrap_err();
/// assert_eq!(error.to_string(), "this is no http:, https: or socks5: proxy");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidProxy {
    /// The environment's variable that has it.
    pub(super) variable: Option<&'static str>,
}

/// Whoever made it knows where it comes from.
const INVALID: InvalidProxy = InvalidProxy { variable: None };

impl Proxy {
    /// The proxy at `http://host:port`, `https://host:port` or `socks5://host:port`, with `user:password@`
    /// before the host where it wants that. `host:port` alone is `http:`. The ports are 80, 443 and
    /// 1080 where none is given. `socks5h:` is the same as `socks5:`: names are resolved at the proxy.
    ///
    /// Credentials of an HTTP proxy are sent with the first request, as Basic. If it wants Digest, a
    /// [provider](super::UserAgentBuilder::proxy_credentials) sends nothing but that.
    ///
    /// # Errors
    ///
    /// If it is no such URL, or its credentials have a control character.
    ///
    /// ```
    /// use dom_websocket::Proxy;
    ///
    /// assert!(Proxy::new("http://proxy.example:3128").is_ok());
    /// assert!(Proxy::new("socks5://127.0.0.1:1080").is_ok());
    /// assert!(Proxy::new("proxy.example is no URL").is_err());
    /// ```
    pub fn new(url: &str) -> Result<Self, InvalidProxy> {
        let url = if url.contains("://") {
            Url::parse(url)
        } else {
            Url::parse(&format!("http://{url}"))
        };
        let url = url.map_err(|_| INVALID)?;
        let (scheme, default_port) = match url.scheme() {
            "http" => (ProxyScheme::Http, 80),
            "https" => (ProxyScheme::Https, 443),
            "socks5" | "socks5h" | "socks" => (ProxyScheme::Socks5, 1080),
            _ => return Err(INVALID),
        };
        let host = without_brackets(url.host_str().unwrap_or_default());
        if host.is_empty() || !matches!(url.path(), "" | "/") || url.query().is_some() {
            return Err(INVALID);
        }
        Ok(Self {
            scheme,
            host: host.to_owned(),
            port: url.port().unwrap_or(default_port),
            credentials: Credentials::of_url(&url).map_err(|_| INVALID)?,
        })
    }

    /// Host and port, as an URL has them.
    pub(super) fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        }
    }

    fn is_socks(&self) -> bool {
        self.scheme == ProxyScheme::Socks5
    }
}

/// As a URL, without credentials.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            ProxyScheme::Http => "http",
            ProxyScheme::Https => "https",
            ProxyScheme::Socks5 => "socks5",
        };
        write!(f, "{scheme}://{}", self.authority())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

impl fmt::Display for InvalidProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.variable {
            Some(variable) => write!(f, "what {variable} has is")?,
            None => f.write_str("this is")?,
        }
        f.write_str(" no http:, https: or socks5: proxy")
    }
}

impl Error for InvalidProxy {}

/// The proxies that are configured, and what is reached without one.
///
/// Both texts have the same order: the SOCKS proxy if there is one; failing that, the one for HTTPS;
/// failing that, the one for HTTP. It holds for `ws:` and `wss:` alike.
///
/// ```
/// use dom_websocket::{Proxies, Proxy, UserAgent};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let proxies = Proxies::new()
///     .https(Proxy::new("http://user:secret@proxy.example:3128")?)
///     .bypass("localhost, 127.0.0.0/8, .internal.example");
/// let user_agent = UserAgent::builder().proxies(proxies).build();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Proxies {
    socks: Option<Proxy>,
    https: Option<Proxy>,
    http: Option<Proxy>,
    bypass: Bypass,
}

/// What is reached without a proxy.
#[derive(Clone, Default)]
enum Bypass {
    #[default]
    Nothing,
    Everything,
    Matching(Rc<[Exempt]>),
}

/// Hosts that are reached without a proxy.
struct Exempt {
    /// Turned round: it has a proxy for everything else. `None`: all.
    hosts: Option<Matcher>,
    /// At any port, or at this one.
    port: Option<u16>,
}

impl Exempt {
    fn new(hosts: &str, port: Option<u16>) -> Self {
        let matching = |hosts| Matcher::builder().all("http://proxy").no(hosts).build();
        let hosts = (hosts != "*").then(|| matching(hosts));
        Self { hosts, port }
    }
}

impl Bypass {
    fn new(hosts: &str) -> Self {
        // The matcher knows neither ports, nor brackets, nor that an address is meant by an asterisk too.
        let hosts = hosts.split([',', ' ', '\t']);
        let hosts = hosts.filter(|host| !host.is_empty()).map(host_and_port);
        let hosts: Vec<_> = hosts.map(|(host, port)| (canonical(host), port)).collect();
        if hosts
            .iter()
            .any(|(host, port)| host == "*" && port.is_none())
        {
            return Self::Everything;
        }
        let of_any_port = hosts.iter().filter(|(_, port)| port.is_none());
        let of_any_port: Vec<_> = of_any_port.map(|(host, _)| host.as_str()).collect();
        let of_one_port = hosts.iter().filter(|(_, port)| port.is_some());
        let exempt = of_one_port.map(|(host, port)| Exempt::new(host, *port));
        let all = exempt.chain([Exempt::new(&of_any_port.join(","), None)]);
        Self::Matching(all.collect())
    }

    fn has(&self, host: &str, port: u16) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Matching(all) => {
                let url = http::Uri::builder()
                    .scheme("http")
                    .authority(host.strip_suffix('.').unwrap_or(host))
                    .path_and_query("/")
                    .build();
                let has = |hosts: &Matcher| {
                    let url = url.as_ref();
                    url.is_ok_and(|url| hosts.intercept(url).is_none())
                };
                all.iter().any(|exempt| {
                    exempt.port.is_none_or(|only| only == port)
                        && exempt.hosts.as_ref().is_none_or(has)
                })
            }
        }
    }
}

/// What `NO_PROXY` names, `host`, `host:port`, `[::1]:port` or `::1`, without brackets.
fn host_and_port(text: &str) -> (&str, Option<u16>) {
    let with_port = text
        .rsplit_once(':')
        .filter(|(host, _)| !host.contains(':') || host.starts_with('[') && host.ends_with(']'));
    let with_port = with_port.and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let (host, port) = with_port.map_or((text, None), |(host, port)| (host, Some(port)));
    (without_brackets(host), port)
}

/// A host as URLs have it, and without a dot behind it; `*.h` is `.h`.
fn canonical(host: &str) -> String {
    let host = host.strip_suffix('.').unwrap_or(host);
    let host = match host.strip_prefix('*') {
        Some(below) if below.starts_with('.') => below,
        _ => host,
    };
    let name = host.trim_start_matches('.');
    match Host::parse(name) {
        Ok(Host::Domain(name)) if !host.is_ascii() => name,
        _ => host.to_ascii_lowercase(),
    }
}

impl Proxies {
    /// None.
    ///
    /// ```
    /// use dom_websocket::{Proxies, UserAgent};
    ///
    /// // None: as without it.
    /// let user_agent = UserAgent::builder().proxies(Proxies::new()).build();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The SOCKS proxy.
    ///
    /// ```
    /// use dom_websocket::{Proxies, Proxy};
    ///
    /// let proxies = Proxies::new().socks(Proxy::new("socks5://127.0.0.1:1080")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn socks(mut self, proxy: Proxy) -> Self {
        self.socks = Some(proxy);
        self
    }

    /// The proxy that is configured for HTTPS connections.
    ///
    /// ```
    /// use dom_websocket::{Proxies, Proxy};
    ///
    /// let proxies = Proxies::new().https(Proxy::new("http://proxy.example:3128")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn https(mut self, proxy: Proxy) -> Self {
        self.https = Some(proxy);
        self
    }

    /// The proxy that is configured for HTTP connections.
    ///
    /// ```
    /// use dom_websocket::{Proxies, Proxy};
    ///
    /// let proxies = Proxies::new().http(Proxy::new("http://proxy.example:3128")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn http(mut self, proxy: Proxy) -> Self {
        self.http = Some(proxy);
        self
    }

    /// The hosts that are reached without a proxy, in the manner of `NO_PROXY`: names (with all below
    /// them; `.h` and `*.h` are `h`), IP addresses, networks (`10.0.0.0/8`), each with or without `:port`, or `*`, between commas or spaces.
    ///
    /// ```
    /// use dom_websocket::{Proxies, Proxy};
    ///
    /// let proxies = Proxies::from(Proxy::new("http://proxy.example:3128")?)
    ///     .bypass("localhost, 127.0.0.0/8, .internal.example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn bypass(mut self, hosts: &str) -> Self {
        self.bypass = Bypass::new(hosts);
        self
    }

    /// The proxy to reach this host by; a host that is an IPv6 address is in brackets.
    pub(super) fn choose(&self, host: &str, port: u16) -> Option<&Proxy> {
        let order = [&self.socks, &self.https, &self.http];
        let first = order.into_iter().flatten().next()?;
        (!self.bypass.has(host, port)).then_some(first)
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("socks", &self.socks)
            .field("https", &self.https)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

/// A single one, for everything.
impl From<Proxy> for Proxies {
    fn from(proxy: Proxy) -> Self {
        if proxy.is_socks() {
            Self::new().socks(proxy)
        } else {
            Self::new().https(proxy)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_proxies() {
        for (url, is) in [
            ("http://p", "http://p:80"),
            ("https://P.example/", "https://p.example:443"),
            ("socks5://p", "socks5://p:1080"),
            ("socks5h://u:secret@p:9", "socks5://p:9"),
            ("p:3128", "http://p:3128"),
            ("http://u:secret@[::1]:8", "http://[::1]:8"),
        ] {
            let proxy = Proxy::new(url).unwrap();
            assert_eq!(proxy.to_string(), is, "{url}");
            assert_eq!(format!("{proxy:?}"), format!("Proxy({is})"));
        }
        for url in [
            "",
            "ftp://p",
            "socks4://p",
            "http://p/path",
            "http://p?q",
            "http://a%0d%0ab:c@p",
            "http://",
        ] {
            assert_eq!(Proxy::new(url), Err(INVALID), "{url}");
        }
    }

    #[test]
    fn socks_then_https_then_http() {
        let proxy = |url| Proxy::new(url).unwrap();
        let (s, t, h) = (proxy("socks5://s"), proxy("http://t"), proxy("http://h"));
        let all = Proxies::new()
            .http(h.clone())
            .https(t.clone())
            .socks(s.clone());
        assert_eq!(all.choose("example.com", 80), Some(&s));
        let two = Proxies::new().http(h.clone()).https(t.clone());
        assert_eq!(two.choose("example.com", 80), Some(&t));
        assert_eq!(
            Proxies::new().http(h.clone()).choose("example.com", 80),
            Some(&h)
        );
        assert_eq!(Proxies::new().choose("example.com", 80), None);
    }

    #[test]
    fn hosts_that_need_no_proxy() {
        let proxies = Proxies::from(Proxy::new("p").unwrap())
            .bypass("localhost, 10.0.0.0/8,.internal.example,example.org, ::1");
        for (host, is_proxied) in [
            ("localhost", false),
            ("10.1.2.3", false),
            ("11.1.2.3", true),
            ("a.internal.example", false),
            ("example.org", false),
            ("www.example.org", false),
            ("notexample.org", true),
            ("[::1]", false),
            ("[::2]", true),
            ("example.com", true),
        ] {
            assert_eq!(proxies.choose(host, 80).is_some(), is_proxied, "{host}");
        }
        let proxies = Proxies::from(Proxy::new("p").unwrap())
            .bypass("a.example:8080,[::1]:81, 127.0.0.1:80,10.0.0.0/8:9,*:99,b.example:x");
        for (host, port, is_proxied) in [
            ("a.example", 8080, false),
            ("x.a.example", 8080, false),
            ("a.example", 80, true),
            ("[::1]", 81, false),
            ("[::1]", 80, true),
            ("127.0.0.1", 80, false),
            ("127.0.0.1", 8080, true),
            ("10.1.1.1", 9, false),
            ("10.1.1.1", 80, true),
            ("b.example", 80, true),
            ("c.example", 99, false),
            ("[2001:db8::1]", 99, false),
        ] {
            let choice = proxies.choose(host, port);
            assert_eq!(choice.is_some(), is_proxied, "{host}:{port}");
        }
        let proxies = Proxies::from(Proxy::new("p").unwrap())
            .bypass("EXAMPLE.org., *.a.example, b\u{fc}cher.example, fe80::/10, [2001:db8::]:1");
        for (host, port, is_proxied) in [
            ("example.org", 80, false),
            ("www.example.org.", 80, false),
            ("example.org.example", 80, true),
            ("b.a.example", 80, false),
            ("ba.example", 80, true),
            ("xn--bcher-kva.example", 80, false),
            ("www.xn--bcher-kva.example", 80, false),
            ("[fe80::1]", 80, false),
            ("[fec0::1]", 80, true),
            ("[2001:db8::]", 1, false),
            ("[2001:db8::]", 2, true),
        ] {
            let choice = proxies.choose(host, port);
            assert_eq!(choice.is_some(), is_proxied, "{host}:{port}");
        }
        let proxies = Proxies::from(Proxy::new("p").unwrap())
            .bypass(",a.example b.example\t10.0.0.0/8 ,\tc.example:81  *.d.example,");
        for (host, port, is_proxied) in [
            ("a.example", 80, false),
            ("b.example", 80, false),
            ("10.1.1.1", 80, false),
            ("c.example", 81, false),
            ("c.example", 80, true),
            ("x.d.example", 80, false),
            ("e.example", 80, true),
            ("e.example..", 80, true),
        ] {
            let choice = proxies.choose(host, port);
            assert_eq!(choice.is_some(), is_proxied, "{host}:{port}");
        }
        let none = Proxies::from(Proxy::new("p").unwrap()).bypass("example.org, *");
        for host in ["example.com", "127.0.0.1", "[::1]"] {
            assert_eq!(none.choose(host, 80), None, "{host}");
        }
    }
}
