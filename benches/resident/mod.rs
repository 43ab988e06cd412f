//! The memory of this process, as the system sees it.

use std::fs::read_to_string;

/// In KiB.
pub(crate) fn resident() -> usize {
    in_status("VmRSS:")
}

/// The same without the pages of files, of which there are more where more of the program has run.
#[allow(dead_code)]
pub(crate) fn anonymous() -> usize {
    in_status("RssAnon:")
}

fn in_status(name: &str) -> usize {
    let status = read_to_string("/proc/self/status").expect("this needs Linux");
    let line = status.lines().find(|line| line.starts_with(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap()
}
