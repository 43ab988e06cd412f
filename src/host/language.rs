//! What ECMA-262 has names for.

/// An ECMA-262 language type.
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
/// let (null, text) = (cx.null(), cx.string("")?);
/// assert_eq!(cx.type_of(&null), Type::Null);
/// assert_eq!(cx.type_of(&text), Type::String);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `undefined`.
    Undefined,
    /// `null`.
    Null,
    /// A Boolean.
    Boolean,
    /// A Number.
    Number,
    /// A BigInt.
    BigInt,
    /// A String.
    String,
    /// A Symbol.
    Symbol,
    /// An Object, functions among them.
    Object,
}

/// An intrinsic object of ECMA-262.
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
/// let error = cx.new_error(ErrorKind::Type, "")?;
/// let mut object = error;
/// while let Some(prototype) = cx.prototype_of(&object)? {
///     object = prototype;
/// }
/// // Where every chain ends.
/// let top = cx.intrinsic(Intrinsic::ObjectPrototype);
/// assert!(cx.is_same_object(&object, &top));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intrinsic {
    /// `%Object.prototype%`.
    ObjectPrototype,
    /// `%Function.prototype%`.
    FunctionPrototype,
    /// `%Error.prototype%`.
    ErrorPrototype,
    /// `%Uint8Array%`.
    Uint8Array,
}

/// The kind of an error object.
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
/// let error = cx.new_error(ErrorKind::Range, "too far")?;
/// let name = cx.get(&error, Key::Name("name"))?;
/// assert_eq!(cx.to_dom_string(&name)?, *"RangeError");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// `Error`.
    Error,
    /// `TypeError`.
    Type,
    /// `RangeError`.
    Range,
}

/// What WebIDL wants to know of an `ArrayBuffer` or a view of one.
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
/// let buffer = cx.new_array_buffer(vec![0; 16])?;
/// let source = BufferSource { is_view: false, is_shared: false, is_resizable: false };
/// assert_eq!(cx.buffer_source(&buffer)?, Some(source));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferSource {
    /// Whether it is a view: a typed array or a `DataView`.
    pub is_view: bool,
    /// Whether the memory is that of a `SharedArrayBuffer`.
    pub is_shared: bool,
    /// Whether the memory can change its size.
    pub is_resizable: bool,
}
