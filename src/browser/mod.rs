//! In a browser: its own `WebSocket` carries a connection, and its event loop drives ours.
//!
//! Connection, network and user agent are the browser's there. Each of these floors has a stand-in here, of the same name; all
//! that stands on them is the same everywhere.

pub(crate) mod connection;
pub(crate) mod console;
pub(crate) mod net;
pub(crate) mod page;
mod run;
pub(crate) mod user_agent;
