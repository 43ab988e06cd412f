//! Finds JavaScriptCore, as distributions have it for GTK: for programs of GTK 3, or of GTK 4.

/// The first whose C API tells a BigInt from an object (`kJSTypeBigInt`).
const OLDEST: &str = "2.46";

fn main() {
    // Where only documentation is made nothing is linked.
    if std::env::var_os("DOCS_RS").is_some() {
        return;
    }
    let names = ["javascriptcoregtk-4.1", "javascriptcoregtk-6.0"];
    let found = names.map(|name| {
        pkg_config::Config::new()
            .atleast_version(OLDEST)
            .probe(name)
    });
    if found.iter().all(Result::is_err) {
        for error in found.into_iter().filter_map(Result::err) {
            println!("cargo::warning={error}");
        }
        println!(
            "cargo::error=JavaScriptCore {OLDEST} or later is needed: Debian's libjavascriptcoregtk-4.1-dev has it"
        );
    }
}
