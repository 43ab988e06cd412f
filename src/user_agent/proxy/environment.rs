//! The proxies that environment variables name.

use super::{Bypass, InvalidProxy, Proxies, Proxy};

impl Proxies {
    /// The proxies of the environment: of `all_proxy`, `https_proxy` and `http_proxy` the first that is a
    /// SOCKS proxy is the SOCKS proxy; otherwise `https_proxy`, then `http_proxy`, and `all_proxy` where
    /// neither is set. `no_proxy` names the hosts that are reached without one. Each is looked for in
    /// lower case first, then in upper case; an empty one counts as none.
    ///
    /// `HTTP_PROXY` in upper case is left alone in CGI programs, where it is a field of a request.
    ///
    /// # Errors
    ///
    /// If one of them is no proxy's address.
    ///
    /// ```
    /// use dom_websocket::{Proxies, UserAgent};
    ///
    /// match Proxies::from_environment() {
    ///     Ok(proxies) => drop(UserAgent::builder().proxies(proxies).build()),
    ///     Err(error) => eprintln!("{error}"),
    /// }
    /// ```
    pub fn from_environment() -> Result<Self, InvalidProxy> {
        Self::from_variables(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidProxy> {
        let is_cgi = variable("REQUEST_METHOD").is_some();
        let either = |name: &str| {
            let upper = name.to_ascii_uppercase();
            let is_said = |value: &String| !value.trim().is_empty();
            let lower = variable(name).filter(is_said);
            lower.or_else(|| {
                let said = variable(&upper).filter(is_said);
                said.filter(|_| !(is_cgi && upper == "HTTP_PROXY"))
            })
        };
        let proxy = |name| {
            let proxy = either(name).map(|url| Proxy::new(url.trim()));
            let variable = Some(name);
            proxy.transpose().map_err(|_| InvalidProxy { variable })
        };
        let (all, https, http) = (
            proxy("all_proxy")?,
            proxy("https_proxy")?,
            proxy("http_proxy")?,
        );
        let socks = [&all, &https, &http]
            .into_iter()
            .flatten()
            .find(|proxy| proxy.is_socks())
            .cloned();
        let proxies = Self {
            socks,
            https: https.or_else(|| all.clone().filter(|_| http.is_none())),
            http: http.or(all),
            bypass: Bypass::Nothing,
        };
        Ok(match either("no_proxy") {
            Some(hosts) => proxies.bypass(&hosts),
            None => proxies,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(variables: &[(&str, &str)], host: &str) -> Option<String> {
        let find = |name: &str| {
            let found = variables.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let proxies = Proxies::from_variables(find).unwrap();
        proxies.choose(host, 80).map(ToString::to_string)
    }

    #[test]
    fn which_variable_counts() {
        for (variables, is) in [
            (&[][..], None),
            (&[("http_proxy", "h:1")][..], Some("http://h:1")),
            (&[("HTTP_PROXY", "h:1")], Some("http://h:1")),
            (&[("HTTP_PROXY", "h:1"), ("REQUEST_METHOD", "GET")], None),
            (
                &[("http_proxy", "h:1"), ("https_proxy", "s:2")],
                Some("http://s:2"),
            ),
            (
                &[("https_proxy", "s:2"), ("ALL_PROXY", "socks5://a:3")],
                Some("socks5://a:3"),
            ),
            (
                &[("http_proxy", "h:1"), ("all_proxy", "a:3")],
                Some("http://h:1"),
            ),
            (&[("ALL_PROXY", "a:3")], Some("http://a:3")),
            (
                &[("http_proxy", "l:1"), ("HTTP_PROXY", "u:1")],
                Some("http://l:1"),
            ),
            (&[("HTTPS_PROXY", "socks5h://s:2")], Some("socks5://s:2")),
            (&[("https_proxy", " ")], None),
            (
                &[("https_proxy", ""), ("HTTPS_PROXY", "s:2")],
                Some("http://s:2"),
            ),
            (
                &[
                    ("https_proxy", "s:2"),
                    ("no_proxy", " "),
                    ("NO_PROXY", "example.com"),
                ],
                None,
            ),
            (
                &[
                    ("http_proxy", ""),
                    ("HTTP_PROXY", "h:1"),
                    ("REQUEST_METHOD", "GET"),
                ],
                None,
            ),
            (&[("https_proxy", "s:2"), ("NO_PROXY", "example.com")], None),
            (
                &[("https_proxy", "s:2"), ("no_proxy", "example.org")],
                Some("http://s:2"),
            ),
        ] {
            assert_eq!(
                chosen(variables, "example.com").as_deref(),
                is,
                "{variables:?}"
            );
        }
        let broken =
            Proxies::from_variables(|name| (name == "http_proxy").then(|| "ftp://x".into()));
        let words = "what http_proxy has is no http:, https: or socks5: proxy";
        assert_eq!(broken.map(drop).unwrap_err().to_string(), words);
    }
}
