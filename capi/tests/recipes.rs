//! The recipes for loops of others are those that the examples run.

use std::fs;
use std::path::Path;

/// Each piece of the recipe's code, between empty lines, is one of the example's.
fn compare(heading: &str, example: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let recipes = fs::read_to_string(root.join("../spec-notes/event-loops.md")).unwrap();
    let example = fs::read_to_string(root.join("examples").join(example)).unwrap();
    let (_, section) = recipes.split_once(heading).unwrap();
    let (_, code) = section.split_once("```c\n").unwrap();
    let (code, _) = code.split_once("```").unwrap();
    let mut pieces = example.split("\n\n").map(str::trim);
    for piece in code.trim().split("\n\n") {
        assert!(pieces.any(|other| other == piece.trim()), "{piece}");
    }
}

#[test]
fn the_recipes_are_the_examples() {
    compare("\n## GLib\n", "glib.c");
    compare("\n## libuv\n", "libuv.c");
}
