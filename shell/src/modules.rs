//! Where the modules are: files, by their URLs, whichever engine asks.

use std::fs::read_to_string;
use std::io;
use std::path::{Path, absolute};
use url::Url;

/// The URL of a module that is a file's, or of what has no file, such as `[stdin]`, as if it were one of the working
/// directory's.
///
/// # Errors
///
/// A working directory that is gone.
pub fn address(path: &str) -> io::Result<Url> {
    let unsupported = || io::Error::other(format!("no URL can have the path {path}"));
    Url::from_file_path(absolute(path)?).map_err(|()| unsupported())
}

/// HTML "resolve a module specifier", without an import map. `referrer` is the name of the script or module that
/// imports; that of a script is a path.
///
/// The error is a text for a `TypeError`.
pub(crate) fn resolve(specifier: &str, referrer: &str) -> Result<Url, String> {
    let fail = |why: &str| {
        Err(format!(
            "Cannot import {specifier:?} from {referrer}: {why}"
        ))
    };
    let relative = ["/", "./", "../"]
        .iter()
        .any(|start| specifier.starts_with(start));
    let url = if relative {
        base(referrer).and_then(|base| base.join(specifier).ok())
    } else {
        Url::parse(specifier).ok()
    };
    match url {
        None if relative => fail("no URL comes of it"),
        None => fail("a specifier begins with ./, ../, / or file:"),
        Some(url) if url.scheme() != "file" => fail("modules are files here"),
        Some(url) => match url.to_file_path() {
            Ok(path) if path.is_file() => Ok(url),
            Ok(path) => fail(&missing(&path)),
            Err(()) => fail("no file has this URL"),
        },
    }
}

fn base(referrer: &str) -> Option<Url> {
    match Url::parse(referrer) {
        Ok(url) if url.scheme() == "file" => Some(url),
        // A path, or a name such as [eval].
        _ => address(referrer).ok(),
    }
}

fn missing(path: &Path) -> String {
    let kind = if path.exists() {
        "no file"
    } else {
        "no such file"
    };
    format!("{kind}: {}", path.display())
}

/// What a module is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModuleType {
    JavaScript,
    Json,
}

/// HTML "fetch a single module script": by the attribute `type` of the import, which a JSON file has to have.
///
/// The error is a text for a `TypeError`.
pub(crate) fn read(url: &Url, attribute: Option<&str>) -> Result<(ModuleType, String), String> {
    let is_json = url.path().ends_with(".json");
    let module_type = match attribute {
        None if is_json => {
            return Err(format!(
                "{url} has to be imported with {{ type: \"json\" }}"
            ));
        }
        None => ModuleType::JavaScript,
        Some("json") => ModuleType::Json,
        Some(other) => return Err(format!("{url}: unknown type of a module: {other:?}")),
    };
    let path = url
        .to_file_path()
        .map_err(|()| format!("{url} is no file"))?;
    match read_to_string(&path) {
        Ok(source) => Ok((module_type, source)),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}
