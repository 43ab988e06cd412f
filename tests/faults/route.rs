//! Ways to a server.

use super::proxy;
use super::server::EchoServer;
use dom_websocket::{Edition, Proxy, UserAgent, UserAgentBuilder};
use rcgen::{CertificateParams, KeyPair};
use std::net::SocketAddr;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) edition: Edition,
    pub(crate) is_secure: bool,
    pub(crate) proxy: Option<Tunnel>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Tunnel {
    Connect,
    Socks5,
}

const fn route(edition: Edition, is_secure: bool, proxy: Option<Tunnel>) -> Route {
    Route {
        edition,
        is_secure,
        proxy,
    }
}

pub(crate) const ROUTES: [Route; 8] = [
    route(Edition::Living, false, None),
    route(Edition::Html5, false, None),
    route(Edition::Living, true, None),
    route(Edition::Html5, true, None),
    route(Edition::Living, false, Some(Tunnel::Connect)),
    route(Edition::Living, true, Some(Tunnel::Connect)),
    route(Edition::Living, false, Some(Tunnel::Socks5)),
    route(Edition::Html5, true, Some(Tunnel::Socks5)),
];

/// What is at the other end of all routes.
pub(crate) struct World {
    certificate: String,
    plain: EchoServer,
    secure: EchoServer,
    /// By kind, to the plain server and to the other.
    connect: [SocketAddr; 2],
    socks5: [SocketAddr; 2],
}

impl World {
    pub(crate) fn new() -> Self {
        let names = ["127.0.0.1".to_owned(), "server.invalid".to_owned()];
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names).unwrap().self_signed(&key);
        let certificate = certificate.unwrap().pem();
        let chain = certificate.clone();
        let plain = EchoServer::start(|_| ());
        let secure = EchoServer::start(move |builder| {
            let key = key.serialize_pem();
            builder.tls(chain.as_bytes(), key.as_bytes()).unwrap();
        });
        let both = [plain.address(), secure.address()];
        Self {
            certificate,
            plain,
            secure,
            connect: both.map(proxy::http),
            socks5: both.map(proxy::socks5),
        }
    }

    /// Where a client has to go first.
    pub(crate) fn first(&self, route: Route) -> SocketAddr {
        let which = usize::from(route.is_secure);
        match route.proxy {
            None => [self.plain.address(), self.secure.address()][which],
            Some(Tunnel::Connect) => self.connect[which],
            Some(Tunnel::Socks5) => self.socks5[which],
        }
    }

    /// Of a client whose first hop is there.
    pub(crate) fn url(&self, route: Route, first: SocketAddr) -> String {
        let scheme = if route.is_secure { "wss" } else { "ws" };
        match route.proxy {
            None => format!("{scheme}://{first}/"),
            Some(_) => format!("{scheme}://server.invalid/"),
        }
    }

    pub(crate) fn user_agent(&self, route: Route, first: SocketAddr) -> UserAgentBuilder {
        let mut agent = UserAgent::builder();
        agent
            .root_certificates(self.certificate.as_bytes())
            .unwrap();
        let scheme = match route.proxy {
            None => return agent,
            Some(Tunnel::Connect) => "http",
            Some(Tunnel::Socks5) => "socks5",
        };
        agent.proxies(Proxy::new(&format!("{scheme}://{first}")).unwrap());
        agent
    }

    /// Its clients are gone. What happened to each socket of the servers, the plain one first.
    pub(crate) fn join(self) -> [Vec<Vec<String>>; 2] {
        [self.plain.join(), self.secure.join()]
    }
}
