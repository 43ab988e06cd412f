//! The examples of the documents that are in no package.

#[doc = include_str!("../../README.md")]
struct Readme;

/// For the runtime that has a descriptor.
#[cfg(all(
    unix,
    feature = "native",
    not(any(feature = "async-std", feature = "smol"))
))]
#[doc = include_str!("../../spec-notes/event-loops.md")]
struct Recipes;

/// This page has an example for that runtime, too.
#[cfg(all(
    unix,
    feature = "native",
    not(any(feature = "async-std", feature = "smol"))
))]
#[path = "../../src/guide/event_loop.rs"]
mod event_loop;
