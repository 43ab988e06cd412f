//! The browser's `WebSocket` object.

mod connection;
mod dom;
mod edition;
mod event_loop;
mod net;
mod protocol;
mod server;
mod user_agent;

pub use dom::*;
pub use edition::Edition;
pub use event_loop::{EventLoop, Exception, Handle, Host, KeepAlive, Turn};
pub use protocol::{Answer, Limits, Request, Timeouts};
pub use server::{Server, ServerBuilder};
pub use user_agent::{BLOCKED_PORTS, UserAgent, UserAgentBuilder};
