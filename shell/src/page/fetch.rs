//! What `fetch.js` asks for: HTTP requests, by `ureq`, each on a thread of its own while it waits.

use super::{USER_AGENT, bytes};
use crate::natives::Natives;
use dom_websocket::EventLoop;
use futures::future::{AbortHandle, abortable};
use rustls::crypto::ring;
use serde_json::json;
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::fmt::Display;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::{self, HeaderName, HeaderValue, Response};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};
use url::Url;

/// A longer body is an error.
const LONGEST_BODY: u64 = 64 << 20;

/// For a connection, all addresses of the name taken together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// As long a peer may say nothing, which is what a browser grants it.
const SILENCE: Duration = Duration::from_secs(300);

/// Fetch "HTTP-redirect fetch" step 9.
const MOST_REDIRECTS: u32 = 20;

/// Fetch "request-body-header name".
const BODY_HEADERS: &[&str] = &[
    "content-encoding",
    "content-language",
    "content-location",
    "content-type",
];

/// Calls a function of `fetch.js`: its name, and what it is told.
type Call = Rc<dyn Fn(&str, &str)>;

/// Answers what `fetch.js` asks for. `call` calls one of its functions, in a task.
pub(crate) fn define(
    natives: &Natives,
    event_loop: &EventLoop,
    ca_file: Option<String>,
    call: impl Fn(&str, &str) + 'static,
) {
    let event_loop = event_loop.downgrade();
    let running = Rc::<RefCell<HashMap<String, AbortHandle>>>::default();
    let aborting = running.clone();
    let agent = RefCell::new(None);
    let call: Call = Rc::new(call);
    natives.define("fetch", move |parameters| {
        let [number, request, body] = parameters else {
            return None;
        };
        let (number, call) = (number.clone(), call.clone());
        // The roots of trust are read once, when they are needed first.
        let mut agent = agent.borrow_mut();
        let agent = agent.get_or_insert_with(|| open_agent(ca_file.as_deref()));
        let fetch = fetch(number.clone(), agent.clone(), read(request, body), call);
        let (fetch, handle) = abortable(fetch);
        running.borrow_mut().insert(number.clone(), handle);
        let ended = running.clone();
        event_loop.upgrade()?.spawn(async move {
            let _ = fetch.await;
            ended.borrow_mut().remove(&number);
        });
        None
    });
    // What a thread waits for is left to it; nobody hears of that.
    natives.define("abort fetch", move |parameters| {
        if let Some(handle) = aborting.borrow_mut().remove(parameters.first()?) {
            handle.abort();
        }
        None
    });
}

/// What is asked for.
struct Request {
    method: String,
    url: Url,
    headers: Vec<(String, String)>,
    redirect: Redirect,
    body: Option<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Redirect {
    Follow,
    Error,
    Manual,
}

/// Where a response is from.
struct Origin {
    url: Url,
    is_redirected: bool,
}

/// A request as `fetch.js` puts it.
fn read(request: &str, body: &str) -> Result<Request, String> {
    type Description = (String, String, Vec<(String, String)>, String, bool);
    let (method, url, headers, redirect, has_body): Description =
        serde_json::from_str(request).map_err(text_of)?;
    Ok(Request {
        method,
        url: Url::parse(&url).map_err(text_of)?,
        headers,
        redirect: match &*redirect {
            "follow" => Redirect::Follow,
            "error" => Redirect::Error,
            _ => Redirect::Manual,
        },
        body: has_body.then(|| bytes::from_text(body)),
    })
}

fn text_of(error: impl Display) -> String {
    error.to_string()
}

fn open_agent(ca_file: Option<&str>) -> Result<Agent, String> {
    let roots = roots(ca_file).map_err(text_of)?;
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build();
    let config = Agent::config_builder()
        .allow_non_standard_methods(true)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_per_read(Some(SILENCE))
        .timeout_per_write(Some(SILENCE))
        .tls_config(tls)
        .user_agent(USER_AGENT);
    Ok(Agent::new_with_config(config.build()))
}

/// Those of a file, or the system's.
fn roots(ca_file: Option<&str>) -> Result<Vec<Certificate<'static>>, Box<dyn Error>> {
    let Some(file) = ca_file else {
        let certificates = rustls_native_certs::load_native_certs().certs;
        let owned = |der: &[u8]| Certificate::from_der(der).to_owned();
        return Ok(certificates.iter().map(|der| owned(der)).collect());
    };
    let mut certificates = Vec::new();
    let text = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    for item in parse_pem(&text) {
        if let PemItem::Certificate(certificate) = item? {
            certificates.push(certificate);
        }
    }
    Ok(certificates)
}

/// Tells script of the response's head, and then of its body.
async fn fetch(
    number: String,
    agent: Result<Agent, String>,
    request: Result<Request, String>,
    call: Call,
) {
    let fail = |error: &str| call("fetchFailed", &format!("{number} {error}"));
    let (agent, request) = match (agent, request) {
        (Ok(agent), Ok(request)) => (agent, request),
        (Err(error), _) | (_, Err(error)) => return fail(&error),
    };
    match blocking::unblock(move || send(&agent, request)).await {
        Err(error) => fail(&error),
        Ok((response, origin)) => {
            call("fetchResponded", &head(&number, &response, &origin));
            match blocking::unblock(move || read_body(response)).await {
                Err(error) => fail(&error),
                Ok(body) => call("fetchEnded", &format!("{number} {}", bytes::to_text(&body))),
            }
        }
    }
}

fn head(number: &str, response: &Response<Body>, origin: &Origin) -> String {
    let headers = response.headers().iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| (name.as_str(), bytes::to_text(value.as_bytes())))
        .collect();
    json!({
        "number": number,
        "status": response.status().as_u16(),
        // What the server has said there is lost on the way.
        "statusText": response.status().canonical_reason().unwrap_or_default(),
        "headers": headers,
        "url": origin.url.as_str(),
        "redirected": origin.is_redirected,
    })
    .to_string()
}

fn read_body(response: Response<Body>) -> Result<Vec<u8>, String> {
    let body = response.into_body().into_with_config();
    body.limit(LONGEST_BODY).read_to_vec().map_err(text_of)
}

/// Fetch "HTTP fetch", and "HTTP-redirect fetch" as often as it takes. Blocks.
fn send(agent: &Agent, mut request: Request) -> Result<(Response<Body>, Origin), String> {
    let mut redirects = 0;
    loop {
        let response = attempt(agent, &request)?;
        let location = match (response.status().as_u16(), request.redirect) {
            (301 | 302 | 303 | 307 | 308, Redirect::Error) => {
                return Err("the answer is a redirect".into());
            }
            (301 | 302 | 303 | 307 | 308, Redirect::Follow) => response.headers().get("location"),
            _ => None,
        };
        let Some(location) = location else {
            request.url.set_fragment(None);
            let origin = Origin {
                url: request.url,
                is_redirected: redirects > 0,
            };
            return Ok((response, origin));
        };
        redirects += 1;
        if redirects > MOST_REDIRECTS {
            return Err("there are too many redirects".into());
        }
        let location = text_of_location(location.as_bytes());
        redirect(&mut request, response.status().as_u16(), &location)?;
    }
}

/// What is not ASCII is taken for UTF-8 of a URL, as browsers do.
fn text_of_location(bytes: &[u8]) -> String {
    let encoded = |byte: &u8| match byte.is_ascii() {
        true => char::from(*byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    bytes.iter().map(encoded).collect()
}

/// Fetch "HTTP-redirect fetch", from step 3 on: what is asked for next.
fn redirect(request: &mut Request, status: u16, location: &str) -> Result<(), String> {
    let mut url = request.url.join(location).map_err(text_of)?;
    if url.fragment().is_none() {
        url.set_fragment(request.url.fragment());
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("a redirect leads to {}:", url.scheme()));
    }
    // Step 12.
    let is_read = matches!(&*request.method, "GET" | "HEAD");
    let becomes_get = match status {
        301 | 302 => request.method == "POST",
        303 => !is_read,
        _ => false,
    };
    if becomes_get {
        request.method = "GET".into();
        request.body = None;
        let is_of_body = |name: &str| BODY_HEADERS.contains(&&*name.to_ascii_lowercase());
        request.headers.retain(|(name, _)| !is_of_body(name));
    }
    // Step 13.
    if url.origin() != request.url.origin() {
        request
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
    }
    request.url = url;
    Ok(())
}

fn attempt(agent: &Agent, request: &Request) -> Result<Response<Body>, String> {
    let mut url = request.url.clone();
    url.set_fragment(None);
    let mut sent = http::Request::builder()
        .method(&*request.method)
        .uri(url.as_str());
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(text_of)?;
        let value = HeaderValue::from_bytes(&bytes::from_text(value)).map_err(text_of)?;
        sent = sent.header(name, value);
    }
    let response = match (&request.body, &*request.method) {
        (Some(body), _) => agent.run(sent.body(&**body).map_err(text_of)?),
        // It says of them that there is nothing, too.
        (None, "POST" | "PUT" | "PATCH") => agent.run(sent.body(&b""[..]).map_err(text_of)?),
        (None, _) => agent.run(sent.body(()).map_err(text_of)?),
    };
    response.map_err(text_of)
}
