//! Many sockets, in a process of their own: its memory is looked at.
#![cfg(unix)]

#[path = "adapter/subject.rs"]
mod subject;

use dom_websocket::host::conformance::many_sockets;
use rustix::process::{Resource, getrlimit, setrlimit};
use subject::QuickJs;

#[test]
#[ignore = "takes a minute: .ci/run nightly has it"]
fn ten_thousand_sockets_come_and_go_and_a_thousand_are_open() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    many_sockets::<QuickJs>();
}
