//! The adapter, by the library's conformance tests and by its own.
#![allow(unsafe_code)]

mod entry;
mod hostile;
mod misuse;
mod order;
mod subject;

mod conformance {
    use super::subject::Jsc;

    dom_websocket::host_conformance_tests!(Jsc);
}
