//! Whom a server talks to: checks of `Host` and `Origin`.

use crate::protocol::opening::Request;
use crate::protocol::url::parse_host_field;
use std::io;
use url::{Host, Origin, Url};

/// What a client has to say to be let in; nothing, where there is no list.
#[derive(Clone, Default)]
pub(super) struct Policy {
    hosts: Option<Vec<(String, Option<u16>)>>,
    origins: Option<Vec<String>>,
}

impl Policy {
    pub(super) fn allow_hosts<'h>(
        &mut self,
        hosts: impl IntoIterator<Item = &'h str>,
    ) -> io::Result<()> {
        let hosts = hosts.into_iter().map(|host| {
            if host.contains('*') || host.starts_with('.') {
                return Err(no_pattern(host));
            }
            let (name, port) = parse_host_field(host, false)
                .ok_or_else(|| invalid(format!("{host:?} is no host")))?;
            let has_port = host.len() > name.len();
            Ok((canonical(name), has_port.then_some(port)))
        });
        self.hosts = Some(hosts.collect::<io::Result<_>>()?);
        Ok(())
    }

    pub(super) fn allow_origins<'o>(
        &mut self,
        origins: impl IntoIterator<Item = &'o str>,
    ) -> io::Result<()> {
        let origins = origins.into_iter().map(|origin| {
            if origin.contains('*') {
                return Err(no_pattern(origin));
            }
            serialized(origin).ok_or_else(|| invalid(format!("{origin:?} is no origin")))
        });
        self.origins = Some(origins.collect::<io::Result<_>>()?);
        Ok(())
    }

    /// Whether the client says that it means to talk to us.
    pub(super) fn allows_host(&self, request: &Request, secure: bool) -> bool {
        let Some(hosts) = &self.hosts else {
            return true;
        };
        let field = request
            .host()
            .and_then(|host| parse_host_field(host, secure));
        field.is_some_and(|(name, port)| {
            let name = canonical(name);
            hosts
                .iter()
                .any(|(host, only)| *host == name && only.is_none_or(|only| only == port))
        })
    }

    /// Whether the page that the client acts for may talk to us. What is no browser names none, and nothing names two.
    pub(super) fn allows_origin(&self, request: &Request) -> bool {
        let Some(origins) = &self.origins else {
            return true;
        };
        let mut named = request.fields().filter(|(name, _)| *name == "origin");
        let is_allowed = |(_, origin)| serialized(origin).is_some_and(|it| origins.contains(&it));
        named.next().is_none_or(is_allowed) && named.next().is_none()
    }
}

/// An address as URLs have it, or the name that it is.
fn canonical(host: String) -> String {
    match Host::parse(&host) {
        Ok(address @ (Host::Ipv4(_) | Host::Ipv6(_))) => address.to_string(),
        Ok(Host::Domain(_)) | Err(_) => host,
    }
}

/// HTML "ASCII serialization of an origin", of text that is one: a scheme, a host, perhaps a port, no more.
fn serialized(origin: &str) -> Option<String> {
    if origin == "null" {
        return Some(origin.to_owned());
    }
    let url = Url::parse(origin).ok()?;
    let is_bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    match url.origin() {
        origin @ Origin::Tuple(..) if is_bare => Some(origin.ascii_serialization()),
        // Of an extension's page, say, whose scheme the standard doesn't know; or of a file, which Chromium says.
        Origin::Opaque(_) if is_bare && (url.has_host() || url.scheme() == "file") => {
            Some(origin.trim_end_matches('/').to_ascii_lowercase())
        }
        _ => None,
    }
}

/// As a name it would be legal, and nobody's.
fn no_pattern(text: &str) -> io::Error {
    invalid(format!(
        "{text:?} is a pattern, and a list has names alone; in its stead `Server::set_onrequest` can look"
    ))
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
