//! The browser's `WebSocket` object for C: `libdomws`, and its header `domws.h`.
//!
//! Each file has the functions of one kind of handle, over the public API of `dom-websocket`. What a function may be
//! given, on which thread, and who owns what comes back, is said for C, with the function; cbindgen makes the
//! header of it.

// C has no use for it.
#![allow(missing_debug_implementations)]
#![allow(unsafe_code)]

/// What C has to see to with each function. The header says it once for all of them: cbindgen doesn't look in here.
macro_rules! safety {
    () => {
        "\n# Safety\n\nWhat is passed is what the header wants. A handle is NULL, or came of this library and has not been \
         given back. What is lent by a callback is used before that returns. Other pointers are NULL, or to memory that \
         can be read, or written, until the function returns. Callbacks and `data` fit each other, and don't unwind."
    };
}

/// What a function does with a feature; without, it fails.
macro_rules! with_feature {
    ($feature:tt, [$($used:expr),*], $with:block) => {{
        #[cfg(feature = $feature)]
        $with
        #[cfg(not(feature = $feature))]
        {
            let _ = ($(&$used,)*);
            Err(Fault::unsupported(concat!("the library was built without ", $feature)))
        }
    }};
}

// In this order they stand in the header.
pub mod error;
pub mod string;
pub mod version;

pub mod event_loop;
pub mod handle;
pub mod user_data;

pub mod socket;
// What belongs to it.
pub mod close;
pub mod event;
pub mod handlers;
pub mod listener;
pub mod remote;
pub mod send;
pub mod socket_options;
pub mod synthetic_event;

pub mod server;
// What belongs to it.
pub mod request;
pub mod server_options;

pub mod user_agent;
// What belongs to it.
pub mod challenge;
pub mod cookie_jar;
pub mod document;
pub mod limits;
pub mod observation;
pub mod user_agent_options;

mod object;
mod options;
#[cfg(feature = "cookies")]
mod replaced_file;
mod shared;

// Enumerators as C gives them: any number can come. The header has the enumerations in their place.
type ActiveCloseArgument = u32;
type BinaryTypeArgument = u32;
type DataTypeArgument = u32;
type EditionArgument = u32;
type ErrorKindArgument = u32;
type FeatureArgument = u32;
type LimitArgument = u32;
type ProxyUseArgument = u32;
type TimeoutArgument = u32;
