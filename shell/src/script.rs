//! What the engines are asked for: a realm that is like this, and to run scripts there.

use crate::natives::Natives;
use dom_websocket::host::Options;
use dom_websocket::{Edition, Exception, Host, UserAgent};
use url::Url;

pub(crate) use crate::page::PRELUDE;

/// What a realm is like.
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
pub(crate) trait Script {
    /// Calls the function that a source is with the natives' function, and keeps the functions
    /// that it returns. False if it threw.
    fn prepare(&self, name: &str, source: &str) -> bool;

    /// Runs a script. False if it threw; that was reported.
    fn evaluate(&self, name: &str, source: &str) -> bool;

    /// Brings `WebSocketStream`, if the realm has streams now.
    fn install_streams(&self) -> bool;

    /// Calls a function that [`prepare`](Self::prepare) kept.
    fn call(&self, function: &str, argument: &str);

    /// HTML "notify about rejected promises": calls `rejected` for each that nobody has handled.
    fn notify_about_rejected_promises(&self);
}

/// Hears of what `realm.js` can't be told: panics, and exceptions that no script may see.
pub(crate) struct Reporter(pub(crate) Natives);

impl Host for Reporter {
    fn report_exception(&self, exception: Exception) {
        self.0.print_error(&exception);
    }
}
