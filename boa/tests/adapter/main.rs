//! The adapter, by the library's conformance tests and by its own.

mod entry;
mod jobs;
mod loan;
mod subject;

mod conformance {
    use super::subject::Boa;

    dom_websocket::host_conformance_tests!(Boa);
}
