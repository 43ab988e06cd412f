//! Properties of objects.

/// A property key.
///
/// ```
/// use dom_websocket::host::Key;
///
/// /// As script writes it.
/// fn shown(key: Key<'_>) -> String {
///     match key {
///         Key::Name(name) => format!(".{name}"),
///         Key::Iterator => "[Symbol.iterator]".to_owned(),
///         Key::ToStringTag => "[Symbol.toStringTag]".to_owned(),
///     }
/// }
/// assert_eq!(shown(Key::Name("url")), ".url");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// A name.
    Name(&'a str),
    /// `Symbol.iterator`.
    Iterator,
    /// `Symbol.toStringTag`.
    ToStringTag,
}

/// A property to define.
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
/// // A constant, as WebIDL has them.
/// let content = PropertyContent::Data { value: cx.number(3.0), writable: false };
/// let constant = Property { content, enumerable: true, configurable: false };
/// let object = cx.global();
/// cx.define(&object, Key::Name("CLOSED"), constant)?;
/// let closed = cx.get(&object, Key::Name("CLOSED"))?;
/// assert_eq!(cx.to_number(&closed)?, 3.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Property<V> {
    /// What the property is.
    pub content: PropertyContent<V>,
    /// `[[Enumerable]]`.
    pub enumerable: bool,
    /// `[[Configurable]]`.
    pub configurable: bool,
}

/// A data property, or an accessor property.
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
/// // An attribute that is read-only, as WebIDL has them.
/// let get = cx.function(|cx, _| cx.string("ws://example.com/"));
/// let content = PropertyContent::Accessor { get, set: None };
/// let attribute = Property { content, enumerable: true, configurable: true };
/// let object = cx.global();
/// cx.define(&object, Key::Name("url"), attribute)?;
/// let url = cx.get(&object, Key::Name("url"))?;
/// assert_eq!(cx.to_dom_string(&url)?, *"ws://example.com/");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub enum PropertyContent<V> {
    /// A data property.
    Data {
        /// `[[Value]]`.
        value: V,
        /// `[[Writable]]`.
        writable: bool,
    },
    /// An accessor property.
    Accessor {
        /// `[[Get]]`.
        get: V,
        /// `[[Set]]`, or undefined.
        set: Option<V>,
    },
}
