//! A checkout of web-platform-tests: which tests it has, in which variants, and what they consist of.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// WPT's own bounds are 10 and 60 seconds, for browsers on machines with less to do. Boa, unoptimised, computes for 45 in one file.
const SHORT: Duration = Duration::from_secs(120);
const LONG: Duration = Duration::from_secs(240);

/// What a script needs beside the realm, by words in its text that give it away.
const NEEDS: &[(&str, &str)] = &[
    ("back-forward-cache", "navigation"),
    ("document.", "a document"),
    ("<iframe", "frames"),
    ("window.open", "other windows"),
    ("opener", "other windows"),
    ("setRequestHeader", "a whole XMLHttpRequest"),
    ("new Worker(", "workers"),
    ("wss.connection", "WebSocketStream as it was in 2020"),
];

/// The same of a test of what a page has beside sockets, and of what a page has not.
const PAGE_NEEDS: &[(&str, &str)] = &[
    ("document.", "a document"),
    ("new Worker(", "workers"),
    ("XMLHttpRequest", "XMLHttpRequest"),
    ("new FormData(", "FormData"),
    ("new File(", "File"),
    ("ReadableStream", "streams"),
    ("TransformStream", "streams"),
    ("TextDecoderStream", "streams"),
    ("TextEncoderStream", "streams"),
    ("FileReader", "File"),
    ("idlharness", "to be a window or a worker"),
    ("basic/referrer", "referrers"),
    ("redirect-referrer", "referrers"),
    ("request-referrer", "referrers"),
    ("redirect-keepalive", "keepalive"),
    ("request-cache", "a cache of HTTP"),
    ("conditional-get", "a cache of HTTP"),
    ("integrity", "integrity"),
    ("basic/mode-", "modes of requests"),
    ("headers-no-cors", "modes of requests"),
    ("scheme-", "data: and blob: URLs"),
    ("request-init-priority", "priorities"),
    ("shadowrealm", "a ShadowRealm"),
    ("/xhr/", "XMLHttpRequest's resources"),
    (".h2.", "HTTP/2"),
];

/// Folders about what no page has that is none of a browser's.
const OTHER_PAGES: &[&str] = &[
    "broadcastchannel",
    "cors",
    "crashtests",
    "credentials",
    "derive_bits_keys",
    "digest",
    "encrypt_decrypt",
    "generateKey",
    "import_export",
    "policies",
    "sign_verify",
    "wrapKey_unwrapKey",
];

/// The folder that is run where none is named, and whose tests go by the names that they have there.
const SOCKETS: &str = "websockets";

/// Folders without tests: helpers.
const OTHER_FOLDERS: &[&str] = &["handlers", "resources", "support"];

/// Where WPT's servers listen, as the tests are told.
#[derive(Clone)]
pub(crate) struct Servers {
    pub(crate) host: String,
    pub(crate) ws: u16,
    pub(crate) wss: u16,
    pub(crate) http: u16,
    pub(crate) https: u16,
    /// For WebSockets over HTTP/2.
    pub(crate) h2: Option<u16>,
}

#[derive(Clone)]
pub(crate) struct Checkout {
    root: PathBuf,
    folders: Vec<String>,
    servers: Servers,
}

/// One file in one variant: what gets a realm of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Test {
    /// Below the root.
    pub(crate) path: String,
    /// With its `?`, or empty.
    pub(crate) variant: String,
    /// Whether it may take a minute.
    pub(crate) is_long: bool,
    /// What keeps it from being run.
    pub(crate) needs: Option<&'static str>,
}

pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) source: String,
}

impl Test {
    /// The name in tables and expectations.
    pub(crate) fn name(&self) -> String {
        format!(
            "{}{}",
            self.path_of_sockets().unwrap_or(&self.path),
            self.variant
        )
    }

    /// Whether it is about sockets, and not about what else a page has.
    pub(crate) fn is_about_sockets(&self) -> bool {
        self.path_of_sockets().is_some()
    }

    /// What its global object is to be.
    pub(crate) fn kind(&self) -> &'static str {
        if self.is_about_sockets() {
            "window"
        } else {
            "worker"
        }
    }

    /// How long it may take.
    pub(crate) fn bound(&self) -> Duration {
        if self.is_long { LONG } else { SHORT }
    }

    fn path_of_sockets(&self) -> Option<&str> {
        self.path.strip_prefix(SOCKETS)?.strip_prefix('/')
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.variant.contains("wss") || self.is_https() || self.path.contains("Secure-")
    }

    pub(crate) fn is_over_http2(&self) -> bool {
        self.variant.contains("wpt_flags=h2")
    }

    /// Whether it is a test of `WebSocketStream`.
    pub(crate) fn is_about_streams(&self) -> bool {
        self.path_of_sockets()
            .is_some_and(|path| path.starts_with("stream"))
    }

    /// Leaves it out for want of this, if it is not left out already.
    pub(crate) fn need(&mut self, needs: &'static str) {
        self.needs = self.needs.or(Some(needs));
    }

    fn is_https(&self) -> bool {
        self.path.contains(".https.") || self.variant.contains("wpt_flags=https")
    }
}

impl Checkout {
    /// One of which these folders are run, or that of sockets.
    pub(crate) fn new(root: &str, mut folders: Vec<String>, servers: Servers) -> io::Result<Self> {
        let root = PathBuf::from(root);
        if folders.is_empty() {
            folders.push(SOCKETS.into());
        }
        for needed in folders
            .iter()
            .map(|folder| &**folder)
            .chain(["resources/testharness.js"])
        {
            if !root.join(needed).exists() {
                let error = format!("{} has no {needed}", root.display());
                return Err(io::Error::other(error));
            }
        }
        Ok(Self {
            root,
            folders,
            servers,
        })
    }

    /// All tests, sorted.
    pub(crate) fn tests(&self) -> io::Result<Vec<Test>> {
        let mut tests = Vec::new();
        for folder in &self.folders {
            self.collect(folder, &mut tests)?;
        }
        tests.sort();
        Ok(tests)
    }

    fn collect(&self, folder: &str, tests: &mut Vec<Test>) -> io::Result<()> {
        // Of the others, what needs no document is for workers too.
        let is_about_sockets = folder.starts_with(SOCKETS);
        let endings: &[&str] = match is_about_sockets {
            true => &[".any.js", ".window.js", ".worker.js"],
            false => &[".any.js"],
        };
        for entry in fs::read_dir(self.root.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{folder}/{name}");
            if entry.file_type()?.is_dir() {
                let is_other = !is_about_sockets && OTHER_PAGES.contains(&&*name);
                if !is_other && !OTHER_FOLDERS.contains(&&*name) {
                    self.collect(&path, tests)?;
                }
                continue;
            }
            let source = || read(&entry.path());
            if is_html(&name) && is_about_sockets {
                let source = source()?;
                if source.contains("testharness.js") {
                    add(&path, &source, &html_metas(&source), tests);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let source = source()?;
                add(&path, &source, &script_metas(&source), tests);
            }
        }
        Ok(())
    }

    /// The port of HTTP without TLS.
    pub(crate) fn http(&self) -> u16 {
        self.servers.http
    }

    /// The address of the page that a browser would open.
    pub(crate) fn location(&self, test: &Test) -> String {
        let (scheme, port) = match self.servers.h2 {
            Some(h2) if test.is_over_http2() => ("https", h2),
            _ if test.is_https() => ("https", self.servers.https),
            _ => ("http", self.servers.http),
        };
        let page = match test.path.strip_suffix(".js") {
            Some(page) if !page.ends_with(".worker") => format!("{page}.html"),
            _ => test.path.clone(),
        };
        format!(
            "{scheme}://{}:{port}/{page}{}",
            self.servers.host, test.variant
        )
    }

    /// The page's title, or the file's.
    pub(crate) fn title(&self, test: &Test) -> io::Result<Option<String>> {
        let source = read(&self.root.join(&test.path))?;
        Ok(if is_html(&test.path) {
            between(&source, "<title>", "</title>").map(str::to_owned)
        } else {
            meta(&script_metas(&source), "title").map(str::to_owned)
        })
    }

    /// The harness.
    pub(crate) fn harness(&self) -> io::Result<Script> {
        self.file("/resources/testharness.js")
    }

    /// The test's scripts in their order, with what they include, but for the harness.
    pub(crate) fn scripts(&self, test: &Test) -> io::Result<Vec<Script>> {
        let path = format!("/{}", test.path);
        let source = read(&self.root.join(&path[1..]))?;
        let mut scripts = Vec::new();
        if is_html(&path) {
            for script in html_scripts(&source) {
                match script {
                    Part::Source(source) => scripts.push(Script {
                        name: path.clone(),
                        source: source.to_owned(),
                    }),
                    Part::File(file) => self.include(&path, file, &mut scripts)?,
                }
            }
        } else {
            for (key, value) in script_metas(&source) {
                if key == "script" {
                    self.include(&path, value, &mut scripts)?;
                }
            }
            for import in source.split("importScripts(").skip(1) {
                let file = import.split(['"', '\'']).nth(1).unwrap_or_default();
                self.include(&path, file, &mut scripts)?;
            }
            scripts.push(Script {
                source: self.substituted(&path, source),
                name: path,
            });
        }
        Ok(scripts)
    }

    fn include(&self, from: &str, file: &str, scripts: &mut Vec<Script>) -> io::Result<()> {
        let url = url::Url::parse(&format!("http://wpt{from}"))
            .and_then(|base| base.join(file))
            .map_err(io::Error::other)?;
        if url.path().starts_with("/resources/testharness") {
            return Ok(());
        }
        let path = match url.path() {
            // WPT's server has it under this name.
            "/resources/WebIDLParser.js" => "/resources/webidl2/lib/webidl2.js",
            path => path,
        };
        let mut script = self.file(path)?;
        if url.query().is_some_and(|query| query.contains("pipe=sub")) || path.contains(".sub.") {
            script.source = self.substitute(&script.source);
        }
        scripts.push(script);
        Ok(())
    }

    /// A file by its path on the server.
    pub(crate) fn file(&self, path: &str) -> io::Result<Script> {
        Ok(Script {
            name: path.to_owned(),
            source: read(&self.root.join(path.trim_start_matches('/')))?,
        })
    }

    fn substituted(&self, path: &str, source: String) -> String {
        if path.contains(".sub.") {
            self.substitute(&source)
        } else {
            source
        }
    }

    /// The `sub` pipe of WPT's server: fills in the names in double braces.
    fn substitute(&self, source: &str) -> String {
        let servers = &self.servers;
        let mut filled = String::with_capacity(source.len());
        let mut parts = source.split("{{");
        filled.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let Some((name, rest)) = part.split_once("}}") else {
                filled.push_str("{{");
                filled.push_str(part);
                continue;
            };
            match name {
                "host" => filled.push_str(&servers.host),
                // Another site, with names of its own.
                "hosts[alt][]" => filled.push_str(&format!("alt.{}", servers.host)),
                "hosts[alt][www]" => filled.push_str(&format!("www.alt.{}", servers.host)),
                "domains[www2]" => filled.push_str(&format!("www2.{}", servers.host)),
                "domains[www]" | "domains[www1]" | "hosts[][www]" => {
                    filled.push_str(&format!("www.{}", servers.host))
                }
                "ports[ws][0]" => filled.push_str(&servers.ws.to_string()),
                "ports[wss][0]" => filled.push_str(&servers.wss.to_string()),
                "ports[http][0]" => filled.push_str(&servers.http.to_string()),
                "ports[https][0]" => filled.push_str(&servers.https.to_string()),
                "ports[h2][0]" => filled.push_str(&servers.h2.unwrap_or(0).to_string()),
                // Nothing that is run uses other ports, though some files name them.
                _ => filled.push('0'),
            }
            filled.push_str(rest);
        }
        filled
    }
}

/// One test for each variant.
fn add(path: &str, source: &str, metas: &[(&str, &str)], tests: &mut Vec<Test>) {
    let mut variants: Vec<_> = metas
        .iter()
        .filter(|(key, _)| *key == "variant")
        .map(|(_, variant)| *variant)
        .collect();
    if variants.is_empty() {
        variants.push("");
    }
    let is_about_sockets = path.starts_with(SOCKETS);
    let needs = if is_about_sockets { NEEDS } else { PAGE_NEEDS };
    let needs = needs
        .iter()
        .find(|(word, _)| source.contains(word) || path.contains(word))
        .map(|(_, needs)| *needs);
    for variant in variants {
        tests.push(Test {
            path: path.to_owned(),
            variant: variant.to_owned(),
            is_long: meta(metas, "timeout") == Some("long"),
            needs,
        });
    }
}

fn meta<'a>(metas: &[(&str, &'a str)], wanted: &str) -> Option<&'a str> {
    metas
        .iter()
        .find(|(key, _)| *key == wanted)
        .map(|(_, value)| *value)
}

/// The `// META: key=value` lines that a script begins with.
fn script_metas(source: &str) -> Vec<(&str, &str)> {
    source
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("//"))
        .filter_map(|line| line.strip_prefix("// META: ")?.trim().split_once('='))
        .collect()
}

/// The `<meta name content>` elements of a page.
fn html_metas(source: &str) -> Vec<(&str, &str)> {
    elements(source, "meta")
        .filter_map(|(tag, _)| Some((attribute(tag, "name")?, attribute(tag, "content")?)))
        .collect()
}

enum Part<'a> {
    Source(&'a str),
    File(&'a str),
}

fn html_scripts(source: &str) -> impl Iterator<Item = Part<'_>> {
    elements(source, "script").map(|(tag, rest)| match attribute(tag, "src") {
        Some(file) => Part::File(file),
        None => Part::Source(rest.split("</script>").next().unwrap_or_default()),
    })
}

/// Each element's tag, and what follows it. WPT's pages are simple enough for no more than this.
fn elements<'a>(source: &'a str, name: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let start = format!("<{name}");
    source
        .match_indices(&start)
        .map(|(at, found)| &source[at + found.len()..])
        .filter(|rest| rest.starts_with([' ', '>', '\n']))
        .filter_map(|rest| rest.split_once('>'))
        .collect::<Vec<_>>()
        .into_iter()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let value = tag.split_once(&format!("{name}="))?.1;
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next(),
        _ => value.split([' ', '\n']).next(),
    }
}

fn between<'a>(source: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = source.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

fn is_html(path: &str) -> bool {
    path.ends_with(".html") || path.ends_with(".htm")
}

fn read(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    // A page that is not UTF-8 is windows-1252; where that and Latin-1 differ, no test is.
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| {
        let bytes = error.into_bytes();
        bytes.into_iter().map(char::from).collect()
    }))
}
