//! What script sees: the object, its events, the loop that dispatches them.

mod builders;
mod common_traits;
mod drain;
mod event_loop;
mod event_target;
mod events;
mod html5_constructor;
mod html5_send;
mod liveness;
mod loop_and_sockets;
mod microtask_checkpoint;
mod object;
mod remote_socket;
mod room;
mod room_bounds;
mod script_errors;
mod send;
mod send_blob;
mod settings;
mod threads;
mod unload;
