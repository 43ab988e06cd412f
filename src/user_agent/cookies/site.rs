//! "Same-site" and "cross-site" requests (6265bis section 5.2), and public suffixes.

use url::{Host, Url};

/// Whether a request goes to the site of the page that makes it, which is that of the origin in the address bar.
/// What belongs to no page is of the same site as everything.
pub(super) fn is_same_site(site_for_cookies: Option<&str>, url: &Url) -> bool {
    let Some(origin) = site_for_cookies else {
        return true;
    };
    // HTML "same site": an opaque origin, which is no URL, is of no other's.
    Url::parse(origin).is_ok_and(|page| {
        page.scheme() == url.scheme()
            && (page.host() == url.host()
                || registrable_domain(&page)
                    .is_some_and(|domain| Some(domain) == registrable_domain(url)))
    })
}

/// URL "registrable domain" of the host, and whether a dot is behind it, with which it is another one.
fn registrable_domain(url: &Url) -> Option<(&str, bool)> {
    match url.host()? {
        Host::Domain(name) => Some((psl::domain_str(name)?, name.ends_with('.'))),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

/// Whether nobody has this domain for himself alone: `com`, `co.uk`, and `github.io`, below which are sites of
/// different people. One without a dot is such whatever it is, and so are dots alone.
pub(super) fn is_public_suffix(domain: &str) -> bool {
    let name = domain.trim_end_matches('.');
    psl::suffix_str(name) == Some(name) || name.is_empty() && !domain.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites() {
        for (page, url, is_same) in [
            ("https://a.example.com", "https://example.com/", true),
            ("https://a.example.com", "https://b.example.com:81/x", true),
            ("https://example.com", "http://example.com/", false),
            ("https://a.example.co.uk", "https://b.example.co.uk/", true),
            ("https://a.co.uk", "https://b.co.uk/", false),
            ("https://a.github.io", "https://b.github.io/", false),
            ("https://a.github.io", "https://a.github.io/", true),
            ("https://github.io", "https://github.io/", true),
            ("http://localhost:1", "http://localhost:2/", true),
            ("http://a.localhost", "http://b.localhost/", false),
            ("http://127.0.0.1:1", "http://127.0.0.1/", true),
            ("http://127.0.0.1", "http://1.0.0.1/", false),
            ("http://[::1]", "http://[::1]/", true),
            ("http://a.example.com.", "http://a.example.com/", false),
            ("http://a.example.com.", "http://b.example.com./", true),
            ("null", "http://example.com/", false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(is_same_site(Some(page), &url), is_same, "{page} {url}");
            assert!(is_same_site(None, &url));
        }
    }

    #[test]
    fn suffixes() {
        for domain in [
            "com",
            "com.",
            "co.uk",
            "github.io",
            "localhost",
            "xn--55qx5d.cn",
            "unheard-of",
            ".",
        ] {
            assert!(is_public_suffix(domain), "{domain}");
        }
        for domain in ["example.com", "example.co.uk", "a.github.io", "www.ck", ""] {
            assert!(!is_public_suffix(domain), "{domain}");
        }
    }
}
