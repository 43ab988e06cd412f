//! A cookie, as it is kept (6265bis section 5.7).

use super::set_cookie::SetCookie;
use super::site::is_public_suffix;
use std::cell::Cell;
use url::{Host, Url};

/// Its fields are those of the text, the creation time is its place in the store.
#[derive(Clone)]
pub(super) struct Cookie {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) domain: String,
    pub(super) is_host_only: bool,
    pub(super) path: String,
    /// In seconds since 1970. `None`: with the session.
    pub(super) expires: Option<i64>,
    pub(super) is_secure: bool,
    pub(super) is_http_only: bool,
    /// The same-site-flag is "None".
    pub(super) is_for_all_sites: bool,
    /// The store's count when it was stored or sent last.
    pub(super) last_use: Cell<u64>,
}

impl Cookie {
    /// Steps 7 to 17. `None`: its domain is not one of the host's.
    pub(super) fn new(url: &Url, set: &SetCookie<'_>) -> Option<Self> {
        let host = url.host_str()?;
        let mut domain = set.domain.to_ascii_lowercase();
        // What nobody has alone is nobody's but the host's that has this very name.
        if is_public_suffix(&domain) && domain == host {
            domain.clear();
        }
        let is_host_only = domain.is_empty();
        if is_host_only {
            host.clone_into(&mut domain);
        } else if is_public_suffix(&domain) || !domain_matches(url, &domain) {
            return None;
        }
        let path = set.path.filter(|path| !path.is_empty());
        Some(Self {
            name: set.name.to_owned(),
            value: set.value.to_owned(),
            domain,
            is_host_only,
            path: path.unwrap_or_else(|| default_path(url)).to_owned(),
            expires: set.expires,
            is_secure: set.is_secure,
            is_http_only: set.is_http_only,
            is_for_all_sites: set.is_for_all_sites,
            last_use: Cell::new(0),
        })
    }

    /// Steps 20 to 22: the prefixes of names, and of values that a server would take for a name with its value. Some servers cut
    /// off whatever space Unicode has in front. The draft that follows has two more, for what no script can have set
    /// (draft-ietf-httpbis-layered-cookies).
    pub(super) fn keeps_promises(&self, has_path: bool) -> bool {
        let named = match self.name.as_str() {
            "" => &self.value,
            name => name,
        };
        let has_prefix = |prefix: &str| {
            let start = named.trim_start().as_bytes().get(..prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        let is_for_host = has_prefix("__Host-");
        let is_for_http = has_prefix("__Http-") || has_prefix("__Host-Http-");
        if !(is_for_host || is_for_http || has_prefix("__Secure-")) {
            return true;
        }
        let is_of_host = self.is_host_only && has_path && self.path == "/";
        !self.name.is_empty()
            && self.is_secure
            && (is_of_host || !is_for_host)
            && (self.is_http_only || !is_for_http)
    }

    pub(super) fn is_over(&self, now: i64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    pub(super) fn is_for_host(&self, url: &Url) -> bool {
        match self.is_host_only {
            true => url.host_str() == Some(&self.domain),
            false => domain_matches(url, &self.domain),
        }
    }

    /// Step 23.
    pub(super) fn is_replaced_by(&self, new: &Self) -> bool {
        self.name == new.name
            && self.domain == new.domain
            && self.is_host_only == new.is_host_only
            && self.path == new.path
    }

    /// Step 16: the other would be sent beside it under its name, or hide it, or take its place.
    pub(super) fn is_overlaid_by(&self, new: &Self) -> bool {
        (self.name == new.name || self.name_on_the_wire() == new.name_on_the_wire())
            && (is_at_or_below(&self.domain, &new.domain)
                || is_at_or_below(&new.domain, &self.domain))
            && path_matches(&new.path, &self.path)
    }

    /// As a `Cookie` field has it.
    pub(super) fn pair(&self) -> String {
        match self.name.as_str() {
            "" => self.value.clone(),
            name => format!("{name}={}", self.value),
        }
    }

    /// The name that a server sees: one without a name can look as if it had one.
    fn name_on_the_wire(&self) -> &str {
        match self.value.split_once('=') {
            Some((name, _)) if self.name.is_empty() => name,
            _ => &self.name,
        }
    }
}

/// Section 5.1.3. An address has no domains above it that could be a cookie's.
fn domain_matches(url: &Url, domain: &str) -> bool {
    match url.host() {
        Some(Host::Domain(host)) => is_at_or_below(host, domain),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => url.host_str() == Some(domain),
        None => false,
    }
}

fn is_at_or_below(host: &str, domain: &str) -> bool {
    let below = host.strip_suffix(domain);
    below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// Section 5.1.4.
pub(super) fn path_matches(path: &str, of_cookie: &str) -> bool {
    path.strip_prefix(of_cookie)
        .is_some_and(|below| below.is_empty() || below.starts_with('/') || of_cookie.ends_with('/'))
}

/// Section 5.1.4.
fn default_path(url: &Url) -> &str {
    match url.path().rsplit_once('/') {
        None | Some(("", _)) => "/",
        Some((path, _)) => path,
    }
}
