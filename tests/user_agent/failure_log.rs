//! `log_failures()`: a line on standard error, which only another process can show.

use dom_websocket::{Edition, EventLoop, UserAgent, WebSocket};
use std::env;
use std::process::Command;
use support::{bounded, url_of_nobody};

const CHILD: &str = "FAILURE_LOG_OF";

#[test]
fn a_failed_connection_says_its_cause_once() {
    if let Ok(url) = env::var(CHILD) {
        for edition in [Edition::Living, Edition::Html5] {
            let event_loop = EventLoop::new();
            let user_agent = UserAgent::builder().log_failures().build();
            let socket = WebSocket::builder(&event_loop, &url)
                .edition(edition)
                .user_agent(&user_agent)
                .open()
                .unwrap();
            socket.set_onclose(|event| assert_eq!(event.code(), 1006));
            event_loop.run();
        }
        return;
    }
    bounded(|| {
        let url = url_of_nobody();
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("failure_log::a_failed_connection_says_its_cause_once")
            .env(CHILD, url.replace("ws://", "ws://user:secret@") + "?secret")
            .output()
            .unwrap();
        assert!(output.status.success());
        let written = String::from_utf8(output.stderr).unwrap();
        let lines: Vec<_> = written
            .lines()
            .filter(|line| line.contains("WebSocket"))
            .collect();
        assert_eq!(lines.len(), 2, "{written}");
        for line in lines {
            let start = format!("WebSocket connection to {url} failed: not connected: 127.0.0.1:");
            assert!(line.starts_with(&start), "{line}");
        }
        assert!(!written.contains("secret"), "{written}");
    });
}
