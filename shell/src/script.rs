//! What the engines are asked for: a realm that is like this, and to run scripts there.

use crate::natives::Natives;
use dom_websocket::host::Options;
use dom_websocket::{Edition, Exception, Host, UserAgent};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use url::Url;

pub(crate) use crate::page::PRELUDE;

/// What a realm is like.
#[derive(Debug)]
pub struct Settings {
    /// The text that its objects follow.
    pub edition: Edition,
    /// The address that the script is from.
    pub address: Url,
    /// The origin, if it is not the address's.
    pub origin: Option<String>,
    /// What its sockets share.
    pub user_agent: UserAgent,
    /// A file of certificates that `fetch` trusts in place of the system's.
    pub ca_file: Option<String>,
    /// Modules are the shell's linker's, as for an engine that has none. Needs the feature `parser`.
    pub links_modules: bool,
    /// Set while script runs, it has an engine give that up which can: QuickJS.
    pub interrupt: Arc<AtomicBool>,
}

impl Settings {
    pub(crate) fn origin(&self) -> String {
        let of_address = || self.address.origin().ascii_serialization();
        self.origin.clone().unwrap_or_else(of_address)
    }

    pub(crate) fn apply(&self, options: Options) -> Options {
        let options = options
            .user_agent(&self.user_agent)
            .edition(self.edition)
            .base_url(self.address.as_str());
        match &self.origin {
            Some(origin) => options.origin(origin),
            None => options,
        }
    }
}

/// A script's side of a realm: what each engine does in its own way.
///
/// What script throws is reported by the function `report` that [`prepare`](Self::prepare) kept; a method that
/// says false has done so. A *name* is what a stack has: the path of a script as it was given, the URL of a module.
pub(crate) trait Script {
    /// Runs, once, what calls into script, for an engine that would run its microtasks between the calls.
    fn run_as_one(&self, calls: &mut dyn FnMut()) {
        calls();
    }

    /// Calls the function that a source is with the natives' function, and keeps the functions
    /// that it returns. False if it threw.
    fn prepare(&self, name: &str, source: &str) -> bool;

    /// Runs a script, and calls a function that was kept with its value, if one is named. False if it threw.
    fn evaluate(&self, name: &str, source: &str, taker: Option<&str>) -> bool;

    /// Brings `WebSocketStream`, if the realm has streams now.
    fn install_streams(&self) -> bool;

    /// Calls a function that [`prepare`](Self::prepare) kept.
    fn call(&self, function: &str, argument: &str);

    /// HTML "notify about rejected promises": calls `rejected` for each that nobody has handled.
    fn notify_about_rejected_promises(&self);

    /// The modules of an engine that has them. For another one, the shell's linker makes scripts of them.
    fn modules(&self) -> Option<&dyn Modules> {
        None
    }
}

/// An engine's own modules.
pub(crate) trait Modules {
    /// Runs a module and what it imports, found and read as [`modules`](crate::modules) has it, and calls a function
    /// that was kept with the promise of its end. False if it comes to none; why was reported.
    fn evaluate_module(&self, name: &str, source: &str, taker: &str) -> bool;
}

/// Hears of what `realm.js` can't be told: panics, and exceptions that no script may see.
pub(crate) struct Reporter(pub(crate) Natives);

impl Host for Reporter {
    fn report_exception(&self, exception: Exception) {
        self.0.print_error(&exception);
    }
}
