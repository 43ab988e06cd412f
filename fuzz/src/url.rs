//! URLs, by the rules of each wire, and the requests that are made of them.
//!
//! What a URL leads to is what its own construction leads to; a request has nothing of it but one resource name and one
//! host, by which the server finds the same again; and what is shown of it has no secret.

use arbitrary::Arbitrary;
use dom_websocket::fuzzing;
use dom_websocket::protocol::opening::{
    AcceptOptions, AwaitingRequest, AwaitingResponse, ClientRequest,
};
use dom_websocket::protocol::{Limits, UrlComponents, Wire};

#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    url: AnyUrl<'a>,
    base: Option<&'a str>,
}

#[derive(Arbitrary, Debug)]
enum AnyUrl<'a> {
    Any(&'a str),
    Parts {
        scheme: u8,
        user: Option<&'a str>,
        host: Host<'a>,
        port: Option<u16>,
        path: &'a str,
        query: Option<&'a str>,
        fragment: Option<&'a str>,
    },
}

#[derive(Arbitrary, Debug)]
enum Host<'a> {
    Name(&'a str),
    Ipv4([u8; 4]),
    Ipv6([u16; 8]),
    Known(u8),
}

const SECRET: &str = "s3cr3t-S3CR3T";

impl AnyUrl<'_> {
    fn text(&self) -> String {
        match self {
            Self::Any(text) => (*text).to_owned(),
            Self::Parts {
                scheme,
                user,
                host,
                port,
                path,
                query,
                fragment,
            } => {
                let schemes = ["ws", "wss", "http", "https", "WS", "ftp", "x"];
                let scheme = schemes[usize::from(*scheme) % schemes.len()];
                let user = user
                    .map(|user| format!("{user}:{SECRET}@"))
                    .unwrap_or_default();
                let host = match host {
                    Host::Name(name) => (*name).to_owned(),
                    Host::Ipv4(bytes) => std::net::Ipv4Addr::from(*bytes).to_string(),
                    Host::Ipv6(words) => format!("[{}]", std::net::Ipv6Addr::from(*words)),
                    Host::Known(index) => {
                        let known = [
                            "example.com",
                            "EXAMPLE.com.",
                            "bücher.example",
                            "127.1",
                            "localhost",
                        ];
                        known[usize::from(*index) % known.len()].to_owned()
                    }
                };
                let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                let query = query
                    .map(|query| format!("?{query}{SECRET}"))
                    .unwrap_or_default();
                let fragment = fragment.map(|f| format!("#{f}")).unwrap_or_default();
                format!("{scheme}://{user}{host}{port}/{path}{query}{fragment}")
            }
        }
    }
}

pub fn check(input: Input<'_>) {
    let url = input.url.text();
    let [living, html5, bare] = [Wire::Rfc6455, Wire::Hixie76, Wire::Simplified].map(|wire| {
        let request = ClientRequest::new(wire, &url)?;
        judge(&request.url);
        let shown = format!("{request:?}");
        let parts = matches!(input.url, AnyUrl::Parts { query: Some(_), .. });
        if parts || matches!(input.url, AnyUrl::Parts { user: Some(_), .. }) {
            let leads = [
                &request.url.host,
                request
                    .url
                    .resource_name
                    .split('?')
                    .next()
                    .unwrap_or_default(),
            ];
            let is_public = leads
                .iter()
                .any(|part| part.to_lowercase().contains("s3cr3t"));
            assert!(
                is_public || !shown.to_lowercase().contains("s3cr3t"),
                "{shown}"
            );
        }
        again(&request);
        ask(request.clone());
        Some(request.url)
    });
    if let (Some(living), Some(html5)) = (&living, &html5) {
        let (mut ours, mut theirs) = (living.clone(), html5.clone());
        // The editions differ in this.
        ours.resource_name = ours.resource_name.replace("%5E", "^");
        theirs.resource_name = theirs.resource_name.replace("%5E", "^");
        if theirs.resource_name.ends_with('?') && !ours.resource_name.ends_with('?') {
            theirs.resource_name.pop();
        }
        assert_eq!(ours, theirs);
    }
    assert!(html5.is_none() || living.is_some());
    if let Some(bare) = bare {
        assert_eq!(bare.resource_name, "/");
        assert_eq!(Some(bare), html5);
    }
    if let Some(base) = input.base {
        // `ws:x` is relative to what is of the same scheme.
        let is_absolute = matches!(input.url, AnyUrl::Parts { .. });
        resolve(&url, base, living.as_ref().filter(|_| is_absolute));
    }
}

/// Nothing is in it that could end a line, or be read as something else.
fn judge(url: &UrlComponents) {
    assert!(!url.host.is_empty());
    assert!(
        url.host
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase())
    );
    assert!(!url.host.contains(['/', '?', '#', '@', '\\']));
    assert_eq!(url.host.starts_with('['), url.host.contains(':'));
    assert!(url.resource_name.starts_with('/'));
    assert!(
        url.resource_name
            .bytes()
            .all(|byte| byte.is_ascii_graphic())
    );
    assert!(!url.resource_name.contains('#'));
}

fn construct(url: &UrlComponents) -> String {
    let scheme = if url.secure { "wss" } else { "ws" };
    format!("{scheme}://{}:{}{}", url.host, url.port, url.resource_name)
}

/// What it leads to leads there.
fn again(request: &ClientRequest) {
    let again = ClientRequest::new(request.wire, &construct(&request.url)).expect("a URL of ours");
    assert_eq!(again.url, request.url);
}

/// What a server makes of the request.
fn ask(request: ClientRequest) {
    let (wire, url) = (request.wire, request.url.clone());
    let (_, bytes) = AwaitingResponse::new(request, &Limits::default(), [7; 32]);
    if bytes.len() > Limits::default().head {
        return;
    }
    let end = bytes
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .expect("an end");
    let head = std::str::from_utf8(&bytes[..end]).expect("ASCII");
    let lines: Vec<_> = head
        .split('\n')
        .map(|line| line.trim_end_matches('\r'))
        .collect();
    assert_eq!(lines[0], format!("GET {} HTTP/1.1", url.resource_name));
    let expected = match wire {
        Wire::Rfc6455 => 7,
        Wire::Hixie76 => 7,
        _ => 4,
    };
    assert_eq!(lines.len(), expected, "{lines:?}");
    let hosts = lines
        .iter()
        .filter(|line| line.to_ascii_lowercase().starts_with("host:"));
    assert_eq!(hosts.count(), 1);
    let mut options = AcceptOptions::default();
    options.simplified = true;
    options.secure = url.secure;
    let asked = AwaitingRequest::new(options).read(&mut &bytes[..]);
    let asked = asked.expect("a request of ours").expect("all of it");
    assert_eq!(asked.request().wire(), wire);
    assert_eq!(asked.request().resource_name(), url.resource_name);
    let address = fuzzing::address(asked.request(), url.secure);
    assert_eq!(address, Some(url));
}

/// A URL that is relative to another one.
fn resolve(url: &str, base: &str, absolute: Option<&UrlComponents>) {
    let Some((record, components)) = fuzzing::resolve(url, base) else {
        return;
    };
    judge(&components);
    if let Some(absolute) = absolute {
        assert_eq!(components, *absolute);
    }
    let (again, same) = fuzzing::resolve(&record, base).expect("a record is a URL");
    assert_eq!((again, same), (record, components));
}
