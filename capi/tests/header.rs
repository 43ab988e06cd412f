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
