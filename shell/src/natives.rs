//! What `realm.js` asks of Rust: one function, which takes a name and strings.

use crate::timers::Timers;
use serde_json::json;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Display;
use std::rc::Rc;
use std::time::{Duration, Instant};
use url::{Position, Url, form_urlencoded, quirks};

/// Answers a call. None is `undefined`.
type Native = Rc<dyn Fn(&[String]) -> Option<String>>;

/// The functions by name.
#[derive(Clone, Default)]
pub struct Natives {
    functions: Rc<RefCell<HashMap<&'static str, Native>>>,
}

impl Natives {
    /// Gives a name to a function, which takes strings.
    pub fn define(
        &self,
        name: &'static str,
        function: impl Fn(&[String]) -> Option<String> + 'static,
    ) {
        self.functions.borrow_mut().insert(name, Rc::new(function));
    }

    /// `parameters` begins with the name. A name that nobody defined answers `undefined`.
    pub(crate) fn call(&self, parameters: &[String]) -> Option<String> {
        let (name, parameters) = parameters.split_first()?;
        let function = self.functions.borrow().get(&**name).cloned()?;
        function(parameters)
    }

    /// Prints what `realm.js` can't be told, or what it threw.
    pub(crate) fn print_error(&self, error: &dyn Display) {
        self.call(&[
            "print".into(),
            "uncaught".into(),
            format!("Uncaught {error}"),
        ]);
    }

    pub(crate) fn define_timers(&self, timers: &Rc<RefCell<Timers>>) {
        let origin = Instant::now();
        self.define("now", move |_| {
            let milliseconds = origin.elapsed().as_secs_f64() * 1000.0;
            Some(milliseconds.to_string())
        });
        let starting = timers.clone();
        self.define("start timer", move |parameters| {
            let [id, delay] = parameters else { return None };
            let delay = Duration::from_millis(delay.parse().ok()?);
            starting.borrow_mut().start(id, delay);
            None
        });
        let canceling = timers.clone();
        self.define("cancel timer", move |parameters| {
            canceling.borrow_mut().cancel(parameters.first()?);
            None
        });
    }

    pub(crate) fn define_urls(&self, address: Url) {
        self.define("address", move |_| Some(address.to_string()));
        self.define("parse URL", |parameters| {
            let url = match parameters {
                [url] => Url::parse(url),
                [url, base] => Url::parse(base).and_then(|base| base.join(url)),
                _ => return None,
            };
            record(url.ok()?)
        });
        self.define("change URL", |parameters| {
            let [url, part, value] = parameters else {
                return None;
            };
            let mut url = Url::parse(url).ok()?;
            // A setter that is given nonsense leaves the URL as it is.
            let _ = match &**part {
                "protocol" => quirks::set_protocol(&mut url, value),
                "username" => quirks::set_username(&mut url, value),
                "password" => quirks::set_password(&mut url, value),
                "host" => quirks::set_host(&mut url, value),
                "hostname" => quirks::set_hostname(&mut url, value),
                "port" => quirks::set_port(&mut url, value),
                other => {
                    match other {
                        "pathname" => quirks::set_pathname(&mut url, value),
                        "search" => quirks::set_search(&mut url, value),
                        "hash" => quirks::set_hash(&mut url, value),
                        _ => {}
                    }
                    Ok(())
                }
            };
            record(url)
        });
        self.define("parse query", |parameters| {
            let pairs = form_urlencoded::parse(parameters.first()?.as_bytes());
            Some(json!(pairs.collect::<Vec<_>>()).to_string())
        });
        self.define("serialize query", |parameters| {
            let pairs: Vec<(String, String)> = serde_json::from_str(parameters.first()?).ok()?;
            Some(
                form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(pairs)
                    .finish(),
            )
        });
    }
}

fn record(url: Url) -> Option<String> {
    let url = &encode_carets(url)?;
    let record = json!({
        "href": quirks::href(url),
        "origin": quirks::origin(url),
        "protocol": quirks::protocol(url),
        "username": quirks::username(url),
        "password": quirks::password(url),
        "host": quirks::host(url),
        "hostname": quirks::hostname(url),
        "port": quirks::port(url),
        "pathname": quirks::pathname(url),
        "search": quirks::search(url),
        "hash": quirks::hash(url),
    });
    Some(record.to_string())
}

/// URL Standard "path percent-encode set": since 2024 it has U+005E (^), which the crate `url` leaves in a path. An
/// opaque path is not encoded by that set.
fn encode_carets(url: Url) -> Option<Url> {
    if url.cannot_be_a_base() || !url.path().contains('^') {
        return Some(url);
    }
    let (before, behind) = (&url[..Position::BeforePath], &url[Position::AfterPath..]);
    let path = url.path().replace('^', "%5E");
    Url::parse(&format!("{before}{path}{behind}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_is_encoded_in_a_path_only() {
        let natives = Natives::default();
        natives.define_urls(Url::parse("http://h/").unwrap());
        let href = |parameters: &[&str]| {
            let parameters: Vec<_> = parameters.iter().map(ToString::to_string).collect();
            let record = natives.call(&parameters)?;
            let record: serde_json::Value = serde_json::from_str(&record).ok()?;
            Some(record["href"].as_str()?.to_owned())
        };
        for (call, is) in [
            (
                &["parse URL", "http://h/a^b?c^#d^"][..],
                "http://h/a%5Eb?c^#d^",
            ),
            (&["parse URL", "^x", "http://h/^/?^"], "http://h/%5E/%5Ex"),
            (&["parse URL", "http://h/%5E/^/.."], "http://h/%5E/"),
            (&["parse URL", "web+demo:/.//x^"], "web+demo:/.//x%5E"),
            (&["parse URL", "data:^"], "data:^"),
            (
                &["change URL", "http://h/?^", "pathname", "^"],
                "http://h/%5E?^",
            ),
        ] {
            assert_eq!(href(call).as_deref(), Some(is), "{call:?}");
        }
        assert_eq!(href(&["parse URL", "http://h^/"]), None);
    }
}
