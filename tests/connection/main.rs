//! A connection, from its opening handshake to the end of TCP, mostly with a scripted peer.

mod closing;
// A reset leaves what came before it readable on Linux. Elsewhere it may be lost, so that nothing
// definite is known.
#[cfg(target_os = "linux")]
mod cut;
#[cfg(target_os = "linux")]
mod cut_everywhere;
#[cfg(target_os = "linux")]
mod cut_session;
mod failures;
mod field_defects;
mod field_defects_in_sending;
mod frames;
mod half_close;
mod hostile;
mod html5_closing;
#[cfg(target_os = "linux")]
mod html5_cut_everywhere;
mod html5_failures;
mod html5_hostile;
mod html5_session;
mod keep_alive;
mod load;
mod opening;
