//! Browser code as it is written, with nothing but its `use` lines changed, against an echo server.

mod duplex;
mod event_channel;
mod game;
mod guard;
mod guide;
mod observable;
mod server;
