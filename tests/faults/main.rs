//! Faults between real sockets, at every step of a connection: its own `close` comes, once; other sockets on the same loop don't
//! notice; and a new connection works.
#![cfg(all(feature = "tls", feature = "proxies"))]

mod bystanders;
mod client;
mod clocks;
mod fault;
mod network;
mod proxy;
mod relay;
mod route;
mod server;
mod slow_handler;
mod table;
