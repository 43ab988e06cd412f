//! The interfaces and their functions, all there are.

use super::call::{Call, Completion};
use super::engine::Engine;
use super::idl::Definition;
use super::interface_object::define_all;
use super::language::{ErrorKind, Intrinsic};
use super::native::{Interface, Native};
use super::property::Key;
use super::realm::{RealmSlot, realm, realm_slot, set_realm_slot};
use super::{
    abort_controller, abort_signal, blob, close_event, dom_exception, error_event, event,
    event_target, message_event, web_socket, web_socket_error, web_socket_stream,
};

/// Parents first.
const DEFINITIONS: [&Definition; 10] = [
    &event_target::DEFINITION,
    &event::DEFINITION,
    &message_event::DEFINITION,
    &close_event::DEFINITION,
    &error_event::DEFINITION,
    &dom_exception::DEFINITION,
    &blob::DEFINITION,
    &abort_signal::DEFINITION,
    &abort_controller::DEFINITION,
    &web_socket::DEFINITION,
];

/// Those that need streams.
const OF_STREAMS: [&Definition; 2] = [
    &web_socket_error::DEFINITION,
    &web_socket_stream::DEFINITION,
];

/// Puts the interfaces on the global object of the scope's realm.
///
/// One that the realm has stays as it is, but for `WebSocket`. Ours then inherit from it, with members
/// of their own in place of those that would not know our objects; and objects of it that are ours, such
/// as a socket's events, are instances of it.
///
/// # Errors
///
/// What the engine throws when it is out of memory.
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
/// install(cx)?;
/// let global = cx.global();
/// let constructor = cx.get(&global, Key::Name("WebSocket"))?;
/// let socket = cx.construct(&constructor, &["ws://example.com/chat".into()])?;
/// let url = cx.get(&socket, Key::Name("url"))?;
/// assert_eq!(cx.to_dom_string(&url)?, *"ws://example.com/chat");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn install<E: Engine>(cx: &mut E) -> Result<(), E::Exception> {
    let function_prototype = cx.intrinsic(Intrinsic::FunctionPrototype);
    let bind = cx.get(&function_prototype, Key::Name("bind"))?;
    set_realm_slot(cx, RealmSlot::Bind, bind);
    let is_trusted = cx.new_function(event::IS_TRUSTED, "get isTrusted", 0, false)?;
    set_realm_slot(cx, RealmSlot::IsTrusted, is_trusted);
    define_all(cx, &DEFINITIONS, &DEFINITIONS)?;
    install_streams(cx)?;
    event::keep_layouts(cx)
}

/// Puts `WebSocketStream` and `WebSocketError` on the global object, if that has `ReadableStream` and `WritableStream`,
/// to which they keep whatever becomes of the global object; and the edition is [`Edition::Living`](crate::Edition).
/// True if they are there now.
///
/// [`install`] does so. A host whose streams are a script's, a polyfill, calls this once the script has run. Where they
/// are there for these very streams nothing is done.
///
/// # Errors
///
/// As [`install`].
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
/// install(cx)?;
/// // This realm has no `ReadableStream`.
/// assert!(!install_streams(cx)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn install_streams<E: Engine>(cx: &mut E) -> Result<bool, E::Exception> {
    if !realm(cx).edition().has_streams() {
        return Ok(false);
    }
    let global = cx.global();
    let readable_stream = cx.get(&global, Key::Name("ReadableStream"))?;
    let writable_stream = cx.get(&global, Key::Name("WritableStream"))?;
    if !cx.is_callable(&readable_stream) || !cx.is_callable(&writable_stream) {
        return Ok(false);
    }
    let known = realm_slot(cx, RealmSlot::ReadableStream);
    let is_known = cx.is_same_object(&known, &readable_stream);
    let known = realm_slot(cx, RealmSlot::WritableStream);
    if !is_known || !cx.is_same_object(&known, &writable_stream) {
        set_realm_slot(cx, RealmSlot::ReadableStream, readable_stream);
        set_realm_slot(cx, RealmSlot::WritableStream, writable_stream);
        define_all(cx, &OF_STREAMS, &DEFINITIONS)?;
    }
    Ok(true)
}

/// How deep calls into the bindings may be nested. An engine counts its own frames; those of the
/// bindings in between, which it doesn't see, must not exhaust the stack.
const MAX_DEPTH: usize = 64;

impl Native {
    /// Runs the function, for a call from script.
    ///
    /// # Errors
    ///
    /// What it throws.
    ///
    /// ```
    /// use dom_websocket::host::{Call, Engine, Native};
    ///
    /// /// What an engine's function object does when script calls it, with `new` or without.
    /// fn call_host<E: Engine>(
    ///     cx: &mut E,
    ///     native: Native,
    ///     [this, argument]: [E::Value; 2],
    ///     new_target: Option<E::Value>,
    /// ) -> Result<E::Value, E::Exception> {
    ///     let arguments = vec![argument];
    ///     native.call(cx, &Call { this, arguments, new_target })
    /// }
    /// ```
    pub fn call<E: Engine>(self, cx: &mut E, call: &Call<E>) -> Result<E::Value, E::Exception> {
        let realm = realm(cx);
        // Script is on the stack: what it dispatches runs no microtasks.
        let _script = realm.shared().enter_script();
        if realm.shared().script_depth() > MAX_DEPTH {
            let error = cx.new_error(ErrorKind::Range, "too much recursion")?;
            return Err(cx.throw(error));
        }
        self.run(cx, call)
    }

    fn run<E: Engine>(self, cx: &mut E, call: &Call<E>) -> Completion<E> {
        let function = self.function;
        match self.interface {
            Interface::EventTarget => event_target::call_function(function, cx, call),
            Interface::Event => event::call_function(function, cx, call),
            Interface::MessageEvent => message_event::call_function(function, cx, call),
            Interface::CloseEvent => close_event::call_function(function, cx, call),
            Interface::ErrorEvent => error_event::call_function(function, cx, call),
            Interface::DOMException => dom_exception::call_function(function, cx, call),
            Interface::WebSocketError => web_socket_error::call_function(function, cx, call),
            Interface::Blob => blob::call_function(function, cx, call),
            Interface::AbortSignal => abort_signal::call_function(function, cx, call),
            Interface::AbortController => abort_controller::call_function(function, cx, call),
            Interface::WebSocket => web_socket::call_function(function, cx, call),
            Interface::WebSocketStream => web_socket_stream::call_function(function, cx, call),
        }
    }
}
