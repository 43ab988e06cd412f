//! Clients that speak HTTP/2.

mod attacks;
mod client;
mod flow;
mod frames;
mod ours;
mod requests;
mod sockets;
