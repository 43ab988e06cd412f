//! What the bindings ask of a script engine.

use super::language::{BufferSource, ErrorKind, Intrinsic, Type};
use super::native::Native;
use super::property::{Key, Property, PropertyContent};
use super::string::DomString;
use std::any::Any;
use std::rc::Rc;

/// A script engine, entered: what the bindings need of one, and all that a new engine has to bring.
///
/// An implementation is a *scope*: the engine, entered in one realm, for as long as a call into it
/// lasts (a `Ctx` of QuickJS, a `&mut Context` of Boa, a handle scope of V8). The bindings never keep
/// one, nor a [`Value`](Self::Value): what they keep lies in *slots* of objects that the engine's
/// collector traces, so that a cycle through a listener is garbage like any other.
///
/// No method may run script, but for those that say so, and none may run microtasks: these are run by
/// [`Entry::run_microtasks`](super::Entry::run_microtasks) alone, when the loop asks for it. An engine that
/// would run them by itself, when a call returns to its empty stack, has to be told not to (V8's explicit
/// `MicrotasksPolicy`) or kept from it (a lock of JavaScriptCore's that is held around each entry).
///
/// A heap may have many realms, and their script may use each other's objects and functions: a scope is
/// given values of any of them.
///
/// `examples/own_engine` is all that an engine has to bring, for one without a syntax. It is `cx` in the examples of the methods,
/// which show what every engine owes.
///
/// ```
/// use dom_websocket::host::{Engine, Key, PropertyContent, Property};
///
/// /// `Object.defineProperty(object, name, { value })`, in whatever engine.
/// fn define_hidden<E: Engine>(cx: &mut E, object: &E::Value, name: &str, value: E::Value) -> Result<(), E::Exception> {
///     let content = PropertyContent::Data { value, writable: false };
///     let property = Property { content, enumerable: false, configurable: false };
///     cx.define(object, Key::Name(name), property)
/// }
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::{EventLoop, host::Options}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
/// let (global, value) = (cx.global(), cx.string("1.0")?);
/// define_hidden(cx, &global, "version", value)?;
/// let version = cx.get(&global, Key::Name("version"))?;
/// assert_eq!(cx.to_dom_string(&version)?, *"1.0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Engine: Sized {
    /// A value of the language. While the scope lives, and no longer, it has to be good wherever it lies:
    /// on the stack, or in a `Vec` on the heap. An engine that moves objects, or looks for references on the
    /// stack only, needs a type here that roots what it refers to, until it is dropped.
    type Value: Clone;
    /// What a script threw. It may be something that the engine lets no script catch.
    type Exception;

    /// `undefined`.
    /// See the example of [`type_of`](Self::type_of).
    fn undefined(&mut self) -> Self::Value;
    /// `null`.
    /// See the example of [`type_of`](Self::type_of).
    fn null(&mut self) -> Self::Value;
    /// A Boolean.
    /// See the example of [`type_of`](Self::type_of).
    fn boolean(&mut self, value: bool) -> Self::Value;
    /// A Number.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let zero = cx.number(-0.0);
    /// assert!(cx.to_number(&zero)?.is_sign_negative());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn number(&mut self, value: f64) -> Self::Value;
    /// A String.
    /// See the example of [`type_of`](Self::type_of).
    ///
    /// # Errors
    ///
    /// Whatever the engine throws when it is out of memory, as for all that is made.
    fn string(&mut self, value: &str) -> Result<Self::Value, Self::Exception>;
    /// A String that may have unpaired surrogates.
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string).
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let half = DomString::from_utf16(&[0xd83d]);
    /// let text = cx.dom_string(&half)?;
    /// assert_eq!(cx.to_dom_string(&text)?, half);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn dom_string(&mut self, value: &DomString) -> Result<Self::Value, Self::Exception>;

    /// ECMA-262 `Type(value)`.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let values = [cx.undefined(), cx.null(), cx.boolean(true), cx.string("no")?, cx.global()];
    /// let types = values.each_ref().map(|value| cx.type_of(value));
    /// assert_eq!(types, [Type::Undefined, Type::Null, Type::Boolean, Type::String, Type::Object]);
    /// let [resolve, value] = [cx.new_promise()?[1].clone(), values[4].clone()];
    /// assert!(cx.is_callable(&resolve) && !cx.is_callable(&value));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn type_of(&mut self, value: &Self::Value) -> Type;
    /// ECMA-262 `IsCallable`.
    /// See the example of [`type_of`](Self::type_of).
    fn is_callable(&mut self, value: &Self::Value) -> bool;
    /// ECMA-262 `SameValue`, of two objects; false if one of them is none.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let (one, other) = (cx.new_array(&[], false)?, cx.new_array(&[], false)?);
    /// assert!(cx.is_same_object(&one, &one.clone()));
    /// let undefined = cx.undefined();
    /// assert!(!cx.is_same_object(&one, &other) && !cx.is_same_object(&undefined, &undefined));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn is_same_object(&mut self, a: &Self::Value, b: &Self::Value) -> bool;
    /// ECMA-262 `ToBoolean`.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let (empty, nan, object) = (cx.string("")?, cx.number(f64::NAN), cx.global());
    /// assert!(!cx.to_boolean(&empty) && !cx.to_boolean(&nan));
    /// assert!(cx.to_boolean(&object));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn to_boolean(&mut self, value: &Self::Value) -> bool;
    /// ECMA-262 `ToNumber`. Runs script.
    ///
    /// # Errors
    ///
    /// What script throws, or a TypeError.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let (null, text) = (cx.null(), cx.string(" 12 ")?);
    /// assert_eq!((cx.to_number(&null)?, cx.to_number(&text)?), (0.0, 12.0));
    /// let undefined = cx.undefined();
    /// assert!(cx.to_number(&undefined)?.is_nan());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn to_number(&mut self, value: &Self::Value) -> Result<f64, Self::Exception>;
    /// ECMA-262 `ToString`, without loss. Runs script.
    ///
    /// # Errors
    ///
    /// What script throws, or a TypeError.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let (null, error) = (cx.null(), cx.new_error(ErrorKind::Range, "far")?);
    /// assert_eq!(cx.to_dom_string(&null)?, *"null");
    /// // By its method `toString`.
    /// assert_eq!(cx.to_dom_string(&error)?, *"RangeError: far");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn to_dom_string(&mut self, value: &Self::Value) -> Result<DomString, Self::Exception>;

    /// The global object of the realm.
    /// See the example of [`to_boolean`](Self::to_boolean).
    fn global(&mut self) -> Self::Value;
    /// An intrinsic object of the realm, whatever script has put on the global object.
    /// See the example of [`host_defined`](Self::host_defined).
    fn intrinsic(&mut self, intrinsic: Intrinsic) -> Self::Value;
    /// ECMA-262 `Get`. Runs script.
    ///
    /// # Errors
    ///
    /// What a getter throws.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let error = cx.new_error(ErrorKind::Type, "no")?;
    /// // It has one, and inherits the other.
    /// let (message, method) = (cx.get(&error, Key::Name("message"))?, cx.get(&error, Key::Name("toString"))?);
    /// assert_eq!(cx.to_dom_string(&message)?, *"no");
    /// assert!(cx.is_callable(&method));
    /// let missing = cx.get(&error, Key::Iterator)?;
    /// assert_eq!(cx.type_of(&missing), Type::Undefined);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn get(&mut self, object: &Self::Value, key: Key<'_>) -> Result<Self::Value, Self::Exception>;
    /// ECMA-262 `DefinePropertyOrThrow`, on an object that is no proxy.
    ///
    /// # Errors
    ///
    /// A TypeError if the object doesn't let it.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let (object, value) = (cx.global(), cx.number(3.0));
    /// let content = PropertyContent::Data { value, writable: false };
    /// let property = Property { content, enumerable: true, configurable: false };
    /// cx.define(&object, Key::Name("CLOSED"), property.clone())?;
    /// // Once and for all.
    /// let content = PropertyContent::Data { value: cx.number(4.0), writable: false };
    /// let other = Property { content, ..property };
    /// assert!(cx.define(&object, Key::Name("CLOSED"), other).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn define(
        &mut self,
        object: &Self::Value,
        key: Key<'_>,
        property: Property<Self::Value>,
    ) -> Result<(), Self::Exception>;
    /// `object.[[SetPrototypeOf]](prototype)`, on an ordinary object.
    /// See the example of [`prototype_of`](Self::prototype_of).
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string).
    fn set_prototype_of(
        &mut self,
        object: &Self::Value,
        prototype: &Self::Value,
    ) -> Result<(), Self::Exception>;
    /// `object.[[GetPrototypeOf]]()`; `None` for null. Runs script if the object is a proxy.
    ///
    /// # Errors
    ///
    /// What a proxy throws.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let top = cx.intrinsic(Intrinsic::ObjectPrototype);
    /// assert!(cx.prototype_of(&top)?.is_none());
    /// let (object, other) = (cx.new_object(&top)?, cx.new_object(&top)?);
    /// cx.set_prototype_of(&object, &other)?;
    /// let prototype = cx.prototype_of(&object)?.expect("it has one now");
    /// assert!(cx.is_same_object(&prototype, &other));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn prototype_of(
        &mut self,
        object: &Self::Value,
    ) -> Result<Option<Self::Value>, Self::Exception>;
    /// ECMA-262 `Call`. Runs script.
    ///
    /// # Errors
    ///
    /// What the function throws.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let error = cx.new_error(ErrorKind::Type, "no")?;
    /// let method = cx.get(&error, Key::Name("toString"))?;
    /// let text = cx.call(&method, &error, &[])?;
    /// assert_eq!(cx.to_dom_string(&text)?, *"TypeError: no");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn call(
        &mut self,
        function: &Self::Value,
        this: &Self::Value,
        arguments: &[Self::Value],
    ) -> Result<Self::Value, Self::Exception>;
    /// ECMA-262 `Construct`. Runs script.
    ///
    /// # Errors
    ///
    /// What the constructor throws.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let buffer = cx.new_array_buffer(vec![1, 2])?;
    /// let constructor = cx.intrinsic(Intrinsic::Uint8Array);
    /// let view = cx.construct(&constructor, &[buffer])?;
    /// assert_eq!(cx.with_bytes(&view, <[u8]>::to_vec)?, [1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn construct(
        &mut self,
        constructor: &Self::Value,
        arguments: &[Self::Value],
    ) -> Result<Self::Value, Self::Exception>;

    /// ECMA-262 `CreateBuiltinFunction`, of the realm: calls end in [`Native::call`] on a scope of this
    /// very realm, whoever calls. Only a constructor has a `[[Construct]]`, which hands on `new.target`;
    /// `new` of any other is a TypeError. Neither gets a `prototype` property here.
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string).
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// install(cx)?;
    /// let global = cx.global();
    /// let constructor = cx.get(&global, Key::Name("EventTarget"))?;
    /// let target = cx.construct(&constructor, &[])?;
    /// let dispatch = cx.get(&target, Key::Name("dispatchEvent"))?;
    /// let (name, length) = (cx.get(&dispatch, Key::Name("name"))?, cx.get(&dispatch, Key::Name("length"))?);
    /// assert_eq!(cx.to_dom_string(&name)?, *"dispatchEvent");
    /// assert_eq!(cx.to_number(&length)?, 1.0);
    /// // It is no constructor; and the constructor is no other function.
    /// assert!(cx.construct(&dispatch, &[]).is_err());
    /// assert!(cx.call(&constructor, &global, &[]).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn new_function(
        &mut self,
        native: Native,
        name: &str,
        length: u32,
        is_constructor: bool,
    ) -> Result<Self::Value, Self::Exception>;
    /// ECMA-262 `OrdinaryObjectCreate`.
    /// See the example of [`host_defined`](Self::host_defined).
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string).
    fn new_object(&mut self, prototype: &Self::Value) -> Result<Self::Value, Self::Exception>;
    /// An array of the realm, frozen or not.
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string).
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let (one, two) = (cx.number(1.0), cx.number(2.0));
    /// let array = cx.new_array(&[one, two], true)?;
    /// let length = cx.get(&array, Key::Name("length"))?;
    /// assert_eq!(cx.to_number(&length)?, 2.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn new_array(
        &mut self,
        items: &[Self::Value],
        is_frozen: bool,
    ) -> Result<Self::Value, Self::Exception>;
    /// An error object of the realm. May run script, where the engine lets script make the stack
    /// (`Error.prepareStackTrace`).
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string).
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let error = cx.new_error(ErrorKind::Type, "it is not a function")?;
    /// let thrown = cx.throw(error);
    /// assert_eq!(cx.describe(thrown).0, "TypeError: it is not a function");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn new_error(&mut self, kind: ErrorKind, message: &str)
    -> Result<Self::Value, Self::Exception>;
    /// A pending promise, and the functions that resolve and reject it.
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string).
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let [promise, resolve, _reject] = cx.new_promise()?;
    /// let (undefined, value) = (cx.undefined(), cx.number(1.0));
    /// cx.call(&resolve, &undefined, &[value])?;
    /// # let hear = cx.function(|_, _| Ok(engine::Value::Null));
    /// # let then = cx.get(&promise, Key::Name("then"))?;
    /// # cx.call(&then, &promise, &[hear])?;
    /// // What waits for it hears of it in a job, not at once.
    /// assert!(cx.run_job().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn new_promise(&mut self) -> Result<[Self::Value; 3], Self::Exception>;
    /// An `ArrayBuffer` with these bytes.
    /// See the example of [`buffer_source`](Self::buffer_source).
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string).
    fn new_array_buffer(&mut self, bytes: Vec<u8>) -> Result<Self::Value, Self::Exception>;
    /// What kind of `ArrayBuffer` or view of one this is, or `None` if it is neither.
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string), and where the engine runs out of stack or is interrupted.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let buffer = cx.new_array_buffer(vec![1, 2, 3])?;
    /// let source = cx.buffer_source(&buffer)?.expect("it is one");
    /// assert!(!source.is_view && !source.is_shared);
    /// let array = cx.new_array(&[], false)?;
    /// assert_eq!(cx.buffer_source(&array)?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn buffer_source(
        &mut self,
        value: &Self::Value,
    ) -> Result<Option<BufferSource>, Self::Exception>;
    /// The bytes of an `ArrayBuffer` or view; none if it is detached or out of bounds. `read` does not
    /// enter the engine.
    ///
    /// # Errors
    ///
    /// As [`buffer_source`](Self::buffer_source).
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let buffer = cx.new_array_buffer(b"hello".to_vec())?;
    /// let sum = cx.with_bytes(&buffer, |bytes| bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>())?;
    /// assert_eq!(sum, 532);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn with_bytes<T>(
        &mut self,
        source: &Self::Value,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Self::Exception>;

    /// `throw value`.
    /// See the example of [`new_error`](Self::new_error).
    fn throw(&mut self, value: Self::Value) -> Self::Exception;
    /// What was thrown, as a `catch` clause gets it.
    ///
    /// # Errors
    ///
    /// The exception itself if no script may catch it.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let (error, undefined) = (cx.new_error(ErrorKind::Type, "no")?, cx.undefined());
    /// let thrown = cx.call(&undefined, &undefined, &[]).expect_err("it is no function");
    /// let caught = cx.catch(thrown)?;
    /// let name = cx.get(&caught, Key::Name("name"))?;
    /// assert_eq!(cx.to_dom_string(&name)?, *"TypeError");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn catch(&mut self, exception: Self::Exception) -> Result<Self::Value, Self::Exception>;
    /// What a console would show of an exception: its message and, for an error object, the stack.
    /// May run script.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let error = cx.new_error(ErrorKind::Range, "far")?;
    /// let thrown = cx.throw(error);
    /// let (message, _stack) = cx.describe(thrown);
    /// assert_eq!(message, "RangeError: far");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn describe(&mut self, exception: Self::Exception) -> (String, Option<String>);

    /// An object of the host's: an ordinary object that has, invisibly to script, a host-defined value that stays
    /// alive as long as the object does, and slots for values.
    ///
    /// When the object goes, the host-defined value is dropped, at once or later, but on the loop's thread: it is not
    /// `Send`. That does not enter the engine, so that a finalizer can do it in the midst of a collection.
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string).
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let prototype = cx.intrinsic(Intrinsic::ObjectPrototype);
    /// let alive = std::rc::Rc::new("what the host has");
    /// let object = cx.new_host_object(&prototype, alive.clone())?;
    /// drop(object);
    /// // This engine counts references. With a collector of garbage the value may live on for a while.
    /// assert_eq!(std::rc::Rc::strong_count(&alive), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn new_host_object(
        &mut self,
        prototype: &Self::Value,
        host_defined: Rc<dyn Any>,
    ) -> Result<Self::Value, Self::Exception>;
    /// The host-defined value, ECMA-262's `[[HostDefined]]` as it were, if this is an object of the host's, be it
    /// of another realm of the same heap.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let prototype = cx.intrinsic(Intrinsic::ObjectPrototype);
    /// let object = cx.new_host_object(&prototype, std::rc::Rc::new(7_u8))?;
    /// let value = cx.host_defined(&object).expect("it is the host's");
    /// assert_eq!(value.downcast_ref::<u8>(), Some(&7));
    /// // What inherits from it is an object of script's.
    /// let other = cx.new_object(&object)?;
    /// assert!(cx.host_defined(&other).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn host_defined(&mut self, value: &Self::Value) -> Option<Rc<dyn Any>>;
    /// What lies in a slot of a host's object, of whatever realm.
    /// See the example of [`set_slot`](Self::set_slot).
    fn slot(&mut self, object: &Self::Value, slot: usize) -> Option<Self::Value>;
    /// Puts a value into a slot of a host's object, where the engine's collector traces it. Slots are numbered
    /// from 0, and there are as many as are asked for: an object has one for each of its listeners, a registry
    /// one for each object that is kept alive.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let (registry, value) = (cx.registry(), cx.string("kept")?);
    /// cx.set_slot(&registry, 40, Some(value));
    /// let kept = cx.slot(&registry, 40).expect("it lies there");
    /// assert_eq!(cx.to_dom_string(&kept)?, *"kept");
    /// cx.set_slot(&registry, 40, None);
    /// assert!(cx.slot(&registry, 40).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn set_slot(&mut self, object: &Self::Value, slot: usize, value: Option<Self::Value>);
    /// The host's object that belongs to the realm and lives as long as it does. Its host-defined value is the
    /// `Rc<`[`Realm`](super::Realm)`>` that the realm was installed with: with any other the bindings
    /// panic. It is the engine's own doing; no script can change a host-defined value. Its slots from 40 to 63 are the
    /// engine's.
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let registry = cx.registry();
    /// let host_defined = cx.host_defined(&registry).expect("it is the host's");
    /// assert!(host_defined.is::<Realm>());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn registry(&mut self) -> Self::Value;

    // What follows can be done by what comes before; an engine may have a shorter way.

    /// The registry's host-defined value.
    /// See the example of [`registry`](Self::registry).
    fn registry_host_defined(&mut self) -> Option<Rc<dyn Any>> {
        let registry = self.registry();
        self.host_defined(&registry)
    }
    /// What lies in a slot of the registry.
    /// See the example of [`set_slot`](Self::set_slot).
    fn registry_slot(&mut self, slot: usize) -> Option<Self::Value> {
        let registry = self.registry();
        self.slot(&registry, slot)
    }
    /// An event's object: one of the host's, with these values in its first slots, and an accessor property `isTrusted`
    /// of its own that is enumerable and not configurable. Its prototype and the getter lie in these two slots of the
    /// registry.
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string).
    ///
    /// ```
    /// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
    /// # use dom_websocket::{EventLoop, host::*}; let cx = &mut engine::Scope::new(Options::new(&EventLoop::new()).realm()?);
    /// let registry = cx.registry();
    /// let (prototype, getter) = (cx.intrinsic(Intrinsic::ObjectPrototype), cx.function(|_, _| Ok(engine::Value::Boolean(true))));
    /// cx.set_slot(&registry, 40, Some(prototype));
    /// cx.set_slot(&registry, 41, Some(getter));
    /// let event = cx.new_event([40, 41], std::rc::Rc::new(()), [None, None])?;
    /// let is_trusted = cx.get(&event, Key::Name("isTrusted"))?;
    /// assert!(cx.to_boolean(&is_trusted));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn new_event(
        &mut self,
        [prototype, is_trusted]: [usize; 2],
        host_defined: Rc<dyn Any>,
        slots: [Option<Self::Value>; 2],
    ) -> Result<Self::Value, Self::Exception> {
        let undefined = self.undefined();
        let prototype = self.registry_slot(prototype);
        let prototype = prototype.unwrap_or_else(|| undefined.clone());
        let is_trusted = self.registry_slot(is_trusted).unwrap_or(undefined);
        let event = self.new_host_object(&prototype, host_defined)?;
        for (slot, value) in slots.into_iter().enumerate() {
            self.set_slot(&event, slot, value);
        }
        let content = PropertyContent::Accessor {
            get: is_trusted,
            set: None,
        };
        let property = Property {
            content,
            enumerable: true,
            configurable: false,
        };
        self.define(&event, Key::Name("isTrusted"), property)?;
        Ok(event)
    }
}
