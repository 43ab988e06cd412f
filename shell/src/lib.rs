//! What the programs `js` and `wpt` have in common: a [`Realm`] in a script [`Engine`], with what scripts
//! expect to find there.
//!
//! It is for these programs, and changes as they do.

#![forbid(unsafe_code)]

// Each file imports only from those above it here: edits, typed; modules, natives, timers, page, user_agent, script; boa, quickjs;
// linker, engine; realm.
#[cfg(feature = "boa")]
mod boa;
#[cfg(feature = "parser")]
mod edits;
mod engine;
#[cfg(feature = "parser")]
mod linker;
mod modules;
mod natives;
mod page;
#[cfg(feature = "quickjs")]
mod quickjs;
mod realm;
mod script;
mod timers;
#[cfg(feature = "parser")]
mod typed;
mod user_agent;

pub use engine::Engine;
pub use modules::address;
pub use natives::Natives;
pub use realm::{End, Realm};
pub use script::Settings;
#[cfg(feature = "parser")]
pub use typed::Typed;
pub use user_agent::user_agent;

#[cfg(not(any(feature = "boa", feature = "quickjs")))]
compile_error!("dom-websocket-shell needs an engine: enable the feature `boa` or `quickjs`");
