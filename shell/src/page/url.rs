//! What `url.js` asks for: the parsers and serializers of the URL Standard.

use crate::natives::Natives;
use serde_json::json;
use url::{Position, Url, form_urlencoded, quirks};

pub(super) fn define(natives: &Natives) {
    natives.define("parse URL", |parameters| {
        let url = match parameters {
            [url] => Url::parse(url),
            [url, base] => Url::parse(base).and_then(|base| base.join(url)),
            _ => return None,
        };
        record(url.ok()?)
    });
    natives.define("change URL", |parameters| {
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
    natives.define("parse query", |parameters| {
        let pairs = form_urlencoded::parse(parameters.first()?.as_bytes());
        Some(json!(pairs.collect::<Vec<_>>()).to_string())
    });
    natives.define("serialize query", |parameters| {
        let pairs: Vec<(String, String)> = serde_json::from_str(parameters.first()?).ok()?;
        Some(
            form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs)
                .finish(),
        )
    });
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
        define(&natives);
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
