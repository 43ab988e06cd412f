//! The adapter, by the library's conformance tests and by its own.

mod entry;
mod limits;
mod memory;
mod subject;

mod conformance {
    use super::subject::QuickJs;

    dom_websocket::host_conformance_tests!(QuickJs);
}
