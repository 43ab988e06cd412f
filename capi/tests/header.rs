//! The header is that of the source.

use std::env;
use std::fs;
use std::path::Path;

/// With `WRITE_HEADER` in the environment it is written.
#[test]
fn the_header_is_what_cbindgen_makes_of_the_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut made = Vec::new();
    cbindgen::generate_with_config(root, config)
        .unwrap()
        .write(&mut made);
    let path = root.join("include/domws.h");
    if env::var_os("WRITE_HEADER").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap();
    assert!(
        committed.as_bytes() == made,
        "domws.h is not what cbindgen makes: WRITE_HEADER=1 cargo test -p dom-websocket-capi --test header"
    );
}

/// Who calls has to know on which thread it may, and what NULL does.
#[test]
fn each_function_says_where_it_may_be_called() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let header = fs::read_to_string(root.join("include/domws.h")).unwrap();
    let mut functions = 0;
    for part in header.split("\n\n") {
        let (documentation, declaration): (Vec<_>, Vec<_>) =
            part.lines().partition(|line| line.starts_with("///"));
        let (documentation, declaration) = (documentation.join(" "), declaration.join(" "));
        if !declaration.ends_with(");") || declaration.contains("typedef") {
            continue;
        }
        functions += 1;
        assert!(documentation.contains("Thread:"), "{declaration}");
        let parameters = declaration.split_once('(').unwrap().1;
        assert!(
            documentation.contains("NULL") || !parameters.contains('*'),
            "{declaration}"
        );
    }
    assert!(functions > 150, "the header is not as it was");
}
