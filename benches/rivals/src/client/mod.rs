//! The clients: a library each, in a file each.

mod drive;
mod ours;

#[cfg(feature = "others")]
mod async_tungstenite;
#[cfg(feature = "others")]
mod epoll;
#[cfg(feature = "others")]
mod fastwebsockets;
#[cfg(feature = "others")]
mod floor;
#[cfg(feature = "others")]
mod sockudo_ws;
#[cfg(feature = "others")]
mod tokio_tungstenite;
#[cfg(feature = "others")]
mod tokio_websockets;
#[cfg(feature = "others")]
mod tungstenite;
#[cfg(feature = "others")]
mod wtx;
#[cfg(feature = "others")]
mod yawc;

use crate::workload::{Extent, Workload};

/// What a client is told to do.
#[derive(Clone, Copy)]
pub struct Run {
    pub port: u16,
    pub workload: Workload,
    pub warm_up: Extent,
    pub extent: Extent,
}

/// What came out: a figure for each workload, but two for [`Workload::Memory`].
pub type Figures = Vec<f64>;

/// A client's name, and what runs it.
pub type Client = (&'static str, fn(Run) -> Option<Figures>);

/// The clients that this program has. One that can't do a workload returns nothing.
pub fn clients() -> Vec<Client> {
    #[allow(unused_mut)]
    let mut clients: Vec<Client> = ours::CLIENTS.to_vec();
    #[cfg(feature = "others")]
    clients.extend_from_slice(&[
        ("TCP, blocking", floor::blocking),
        ("TCP, epoll", epoll::run),
        ("TCP, tokio", floor::tokio),
        ("TCP, async-std", floor::async_std),
        ("tungstenite", tungstenite::run),
        ("tokio-tungstenite", tokio_tungstenite::run),
        ("async-tungstenite", async_tungstenite::run),
        ("tokio-websockets", tokio_websockets::run),
        ("fastwebsockets", fastwebsockets::run),
        ("wtx", wtx::run),
        ("sockudo-ws", sockudo_ws::run),
        ("yawc", yawc::run),
    ]);
    clients
}
