//! The cookie jar: pages of several sites that set anything, and files.
//!
//! Nothing that ends a line gets out of it; a site sees no other's; what came unsecured neither takes nor hides what is
//! Secure; a jar comes back out of its file as it was; and it has a bound.

use arbitrary::Arbitrary;
use dom_websocket::CookieJar;

#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    steps: Vec<Step<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    Set {
        place: Place,
        cookie: AnyCookie<'a>,
    },
    /// Of a site that the others know nothing of.
    Many(u8, bool),
    Load(&'a [u8]),
    LoadLines(Vec<Line<'a>>),
}

/// Where a cookie comes from.
#[derive(Arbitrary, Clone, Copy, Debug)]
struct Place {
    is_secure: bool,
    host: u8,
    path: u8,
}

const HOSTS: [&str; 8] = [
    "example.com",
    "a.example.com",
    "b.a.example.com",
    "example.org",
    "a.github.io",
    "b.github.io",
    "127.0.0.1",
    "[::1]",
];
const PREFIXES: [&str; 7] = [
    "",
    "",
    "__Host-",
    "__Secure-",
    "__hOst-",
    "__Http-",
    "__Host-hTTp-",
];
const PATHS: [&str; 4] = ["/", "/x", "/x/y", "/login"];

impl Place {
    fn host(self) -> usize {
        usize::from(self.host) % HOSTS.len()
    }

    fn url(self) -> String {
        let scheme = if self.is_secure { "wss" } else { "ws" };
        let path = PATHS[usize::from(self.path) % PATHS.len()];
        format!("{scheme}://{}{path}", HOSTS[self.host()])
    }
}

#[derive(Arbitrary, Debug)]
enum AnyCookie<'a> {
    Any(&'a str),
    Parts {
        prefix: u8,
        name: u8,
        value: &'a str,
        domain: Option<u8>,
        path: Option<u8>,
        is_secure: bool,
        is_http_only: bool,
        same_site: u8,
        age: u8,
        more: &'a str,
    },
}

#[derive(Arbitrary, Debug)]
struct Line<'a> {
    is_http_only: bool,
    has_dot: bool,
    host: u8,
    is_suffix: bool,
    path: u8,
    is_secure: bool,
    expires: u8,
    name: &'a str,
    value: &'a str,
}

impl AnyCookie<'_> {
    fn text(&self) -> String {
        match self {
            Self::Any(text) => (*text).to_owned(),
            Self::Parts {
                prefix,
                name,
                value,
                domain,
                path,
                is_secure,
                is_http_only,
                same_site,
                age,
                more,
            } => {
                let prefix = PREFIXES[usize::from(*prefix) % PREFIXES.len()];
                // Without a name, too, and what looks as if it had one.
                let name = ["n0=", "n1=", "n2=", "n3=", "=", "=n0="][usize::from(*name) % 6];
                let mut text = format!("{prefix}{name}{value}");
                if let Some(domain) = domain {
                    let domains = ["com", "github.io", ".example.com", "EXAMPLE.com", "0.0.1"];
                    let index = usize::from(*domain) % (HOSTS.len() + domains.len());
                    let domain = HOSTS.iter().chain(&domains).nth(index).unwrap_or(&"");
                    text += &format!("; Domain={domain}");
                }
                if let Some(path) = path {
                    text += &format!("; Path={}", PATHS[usize::from(*path) % PATHS.len()]);
                }
                if *is_secure {
                    text += "; Secure";
                }
                if *is_http_only {
                    text += "; HttpOnly";
                }
                text += ["", "; SameSite=Lax", "; SameSite=None", "; samesite=strict"]
                    [usize::from(*same_site) % 4];
                text += [
                    "",
                    "",
                    "; Max-Age=1000",
                    "; Max-Age=0",
                    "; Max-Age=99999999999",
                ][usize::from(*age) % 5];
                if !more.is_empty() {
                    text += &format!("; {more}");
                }
                text
            }
        }
    }

    /// Nothing of it depends on the second in which it is looked at.
    fn is_steady(text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        !text.contains("expires") && {
            let ages = text.matches("max-age").count();
            ages == 0
                || ages == 1 && (text.contains("max-age=1000") || text.contains("max-age=9999"))
        }
    }
}

/// Those that are sent to each of these.
fn fields(jar: &CookieJar, is_secure: bool) -> Vec<Vec<String>> {
    let scheme = if is_secure { "wss" } else { "ws" };
    let urls = HOSTS
        .iter()
        .flat_map(|host| PATHS.map(|path| format!("{scheme}://{host}{path}")));
    urls.map(|url| {
        let field = jar.cookies(&url).unwrap_or_default();
        assert!(
            !field.contains(|c: char| c.is_control() && c != '\t'),
            "{field:?}"
        );
        let pairs = field.split("; ").filter(|pair| !pair.is_empty());
        pairs.map(str::to_owned).collect()
    })
    .collect()
}

/// What is in the first and not in the second, which is a part of it.
fn without(all: Vec<String>, part: &[String]) -> Vec<String> {
    let mut part = part.iter().peekable();
    let rest = all
        .into_iter()
        .filter(|pair| part.next_if(|next| *next == pair).is_none());
    let rest = rest.collect();
    assert_eq!(
        part.next(),
        None,
        "what is sent unsecured is sent secured, too"
    );
    rest
}

/// Those that are sent to secure addresses alone.
fn secure(jar: &CookieJar) -> Vec<Vec<String>> {
    let all = fields(jar, true).into_iter();
    all.zip(fields(jar, false))
        .map(|(all, open)| without(all, &open))
        .collect()
}

pub fn check(input: Input<'_>) {
    let jar = CookieJar::new();
    let mut is_steady = true;
    for step in &input.steps {
        match step {
            Step::Set { place, cookie } => {
                let text = cookie.text();
                is_steady &= AnyCookie::is_steady(&text);
                set(&jar, *place, &text);
            }
            Step::Many(count, is_secure) => {
                let scheme = if *is_secure { "wss" } else { "ws" };
                for index in 0..*count {
                    let url = format!("{scheme}://many.example/");
                    jar.set(&url, &format!("m{index}=1"));
                }
            }
            Step::Load(file) => {
                let before = lines(&jar).len();
                // Text that is not UTF-8 is an error; what came before it counts.
                let _ = jar.load(*file);
                let most = file.split(|&byte| byte == b'\n').count();
                assert!(lines(&jar).len() <= before + most);
                is_steady = false;
            }
            Step::LoadLines(all) => {
                let file: String = all.iter().map(Line::text).collect();
                jar.load(file.as_bytes()).expect("it is text");
                is_steady &= all.iter().all(|line| line.expires % 3 != 2);
            }
        }
    }
    judge_prefixes(&jar);
    assert!(lines(&jar).len() <= 3000);
    if is_steady {
        comes_back(&jar);
    }
}

impl Line<'_> {
    fn text(&self) -> String {
        let flag = |is_set| if is_set { "TRUE" } else { "FALSE" };
        let http_only = if self.is_http_only { "#HttpOnly_" } else { "" };
        let dot = if self.has_dot { "." } else { "" };
        let host = HOSTS[usize::from(self.host) % HOSTS.len()];
        let path = PATHS[usize::from(self.path) % PATHS.len()];
        let expires = ["0", "99999999999", "1"][usize::from(self.expires) % 3];
        let (is_suffix, is_secure) = (flag(self.is_suffix), flag(self.is_secure));
        let (name, value) = (self.name, self.value);
        format!(
            "{http_only}{dot}{host}\t{is_suffix}\t{path}\t{is_secure}\t{expires}\t{name}\t{value}\n"
        )
    }
}

fn set(jar: &CookieJar, place: Place, text: &str) {
    let (open, closed) = (fields(jar, false), secure(jar));
    let was = lines(jar);
    let is_set = jar.set(&place.url(), text);
    let (now_open, now_closed) = (fields(jar, false), secure(jar));
    if !place.is_secure {
        assert_eq!(closed, now_closed, "{text:?} has changed what is Secure");
    }
    if !is_set {
        // One that has expired may have gone.
        assert!(lines(jar).len() <= was.len(), "{text:?} was refused");
    }
    // Another site sees nothing of it.
    let site = |host: usize| match host {
        0..=2 => 0,
        other => other,
    };
    for (index, (before, after)) in open.iter().zip(&now_open).enumerate() {
        let host = index / PATHS.len();
        if site(host) != site(place.host()) {
            assert_eq!(before, after, "{text:?} of {}", place.url());
        }
    }
}

/// 6265bis section 4.1.3: a name with a prefix is a promise.
fn judge_prefixes(jar: &CookieJar) {
    for line in lines(jar) {
        let is_http_only = line.starts_with("#HttpOnly_");
        let fields: Vec<_> = line.trim_start_matches("#HttpOnly_").split('\t').collect();
        let [domain, is_suffix, path, is_secure, _, name, _] = fields[..] else {
            panic!("{line:?}");
        };
        let name = name.to_ascii_lowercase();
        let has = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
        if has(&["__secure-", "__host-", "__http-"]) {
            assert_eq!(is_secure, "TRUE", "{line:?}");
        }
        if has(&["__http-", "__host-http-"]) {
            assert!(is_http_only, "{line:?}");
        }
        if name.starts_with("__host-") {
            assert_eq!((is_suffix, path), ("FALSE", "/"), "{line:?}");
        }
        let is_shared = matches!(domain.trim_start_matches('.'), "com" | "github.io");
        assert!(!is_shared, "{line:?}");
    }
}

/// The lines of its file.
fn lines(jar: &CookieJar) -> Vec<String> {
    let mut file = Vec::new();
    jar.save(&mut file).expect("a vector takes all");
    let text = String::from_utf8(file).expect("it is text");
    text.split_terminator('\n')
        .skip(1)
        .map(str::to_owned)
        .collect()
}

fn comes_back(jar: &CookieJar) {
    let mut file = Vec::new();
    jar.save(&mut file).expect("a vector takes all");
    let again = CookieJar::new();
    again.load(&file[..]).expect("it is text");
    // What has a tab in it has no place in such a file.
    for is_secure in [false, true] {
        let mut before = fields(jar, is_secure);
        before
            .iter_mut()
            .for_each(|pairs| pairs.retain(|pair| !pair.contains('\t')));
        assert_eq!(fields(&again, is_secure), before);
    }
}
