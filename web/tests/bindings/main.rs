//! Values, casts, closures, promises and events, without a server.

mod closures;
mod events;
mod json;
mod promises;
mod timers;
mod values;
