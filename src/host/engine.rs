//! What the bindings ask of a script engine.

use super::native::Native;
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
pub trait Engine: Sized {
    /// A value of the language. While the scope lives, and no longer, it has to be good wherever it lies:
    /// on the stack, or in a `Vec` on the heap. An engine that moves objects, or looks for references on the
    /// stack only, needs a type here that roots what it refers to, until it is dropped.
    type Value: Clone;
    /// What a script threw. It may be something that the engine lets no script catch.
    type Exception;

    /// `undefined`.
    fn undefined(&mut self) -> Self::Value;
    /// `null`.
    fn null(&mut self) -> Self::Value;
    /// A Boolean.
    fn boolean(&mut self, value: bool) -> Self::Value;
    /// A Number.
    fn number(&mut self, value: f64) -> Self::Value;
    /// A String.
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
    fn dom_string(&mut self, value: &DomString) -> Result<Self::Value, Self::Exception>;

    /// ECMA-262 `Type(value)`.
    fn type_of(&mut self, value: &Self::Value) -> Type;
    /// ECMA-262 `IsCallable`.
    fn is_callable(&mut self, value: &Self::Value) -> bool;
    /// ECMA-262 `SameValue`, of two objects.
    fn is_same_object(&mut self, a: &Self::Value, b: &Self::Value) -> bool;
    /// ECMA-262 `ToBoolean`.
    fn to_boolean(&mut self, value: &Self::Value) -> bool;
    /// ECMA-262 `ToNumber`. Runs script.
    ///
    /// # Errors
    ///
    /// What script throws, or a TypeError.
    fn to_number(&mut self, value: &Self::Value) -> Result<f64, Self::Exception>;
    /// ECMA-262 `ToString`, without loss. Runs script.
    ///
    /// # Errors
    ///
    /// What script throws, or a TypeError.
    fn to_dom_string(&mut self, value: &Self::Value) -> Result<DomString, Self::Exception>;

    /// The global object of the realm.
    fn global(&mut self) -> Self::Value;
    /// An intrinsic object of the realm, whatever script has put on the global object.
    fn intrinsic(&mut self, intrinsic: Intrinsic) -> Self::Value;
    /// ECMA-262 `Get`. Runs script.
    ///
    /// # Errors
    ///
    /// What a getter throws.
    fn get(&mut self, object: &Self::Value, key: Key<'_>) -> Result<Self::Value, Self::Exception>;
    /// ECMA-262 `DefinePropertyOrThrow`, on an object that is no proxy.
    ///
    /// # Errors
    ///
    /// A TypeError if the object doesn't let it.
    fn define(
        &mut self,
        object: &Self::Value,
        key: Key<'_>,
        property: Property<Self::Value>,
    ) -> Result<(), Self::Exception>;
    /// `object.[[SetPrototypeOf]](prototype)`, on an ordinary object.
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
    fn prototype_of(
        &mut self,
        object: &Self::Value,
    ) -> Result<Option<Self::Value>, Self::Exception>;
    /// ECMA-262 `Call`. Runs script.
    ///
    /// # Errors
    ///
    /// What the function throws.
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
    fn new_function(
        &mut self,
        native: Native,
        name: &str,
        length: u32,
        is_constructor: bool,
    ) -> Result<Self::Value, Self::Exception>;
    /// ECMA-262 `OrdinaryObjectCreate`.
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
    fn new_error(&mut self, kind: ErrorKind, message: &str)
    -> Result<Self::Value, Self::Exception>;
    /// A pending promise, and the functions that resolve and reject it.
    ///
    /// # Errors
    ///
    /// As [`string`](Self::string).
    fn new_promise(&mut self) -> Result<[Self::Value; 3], Self::Exception>;
    /// An `ArrayBuffer` with these bytes.
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
    fn with_bytes<T>(
        &mut self,
        source: &Self::Value,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Self::Exception>;

    /// `throw value`.
    fn throw(&mut self, value: Self::Value) -> Self::Exception;
    /// What was thrown, as a `catch` clause gets it.
    ///
    /// # Errors
    ///
    /// The exception itself if no script may catch it.
    fn catch(&mut self, exception: Self::Exception) -> Result<Self::Value, Self::Exception>;
    /// What a console would show of an exception: its message and, for an error object, the stack.
    /// May run script.
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
    fn new_host_object(
        &mut self,
        prototype: &Self::Value,
        host_defined: Rc<dyn Any>,
    ) -> Result<Self::Value, Self::Exception>;
    /// The host-defined value, ECMA-262's `[[HostDefined]]` as it were, if this is an object of the host's, be it
    /// of another realm of the same heap.
    fn host_defined(&mut self, value: &Self::Value) -> Option<Rc<dyn Any>>;
    /// What lies in a slot of a host's object, of whatever realm.
    fn slot(&mut self, object: &Self::Value, slot: usize) -> Option<Self::Value>;
    /// Puts a value into a slot of a host's object, where the engine's collector traces it. Slots are numbered
    /// from 0, and there are as many as are asked for: an object has one for each of its listeners, a registry
    /// one for each object that is kept alive.
    fn set_slot(&mut self, object: &Self::Value, slot: usize, value: Option<Self::Value>);
    /// The host's object that belongs to the realm and lives as long as it does. Its host-defined value is the
    /// `Rc<`[`Realm`](super::Realm)`>` that the realm was installed with: with any other the bindings
    /// panic. It is the engine's own doing; no script can change a host-defined value. Its slots from 40 to 63 are the
    /// engine's.
    fn registry(&mut self) -> Self::Value;

    // What follows can be done by what comes before; an engine may have a shorter way.

    /// The registry's host-defined value.
    fn registry_host_defined(&mut self) -> Option<Rc<dyn Any>> {
        let registry = self.registry();
        self.host_defined(&registry)
    }
    /// What lies in a slot of the registry.
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

/// An ECMA-262 language type.
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

/// A property key.
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

/// An intrinsic object of ECMA-262.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferSource {
    /// Whether it is a view: a typed array or a `DataView`.
    pub is_view: bool,
    /// Whether the memory is that of a `SharedArrayBuffer`.
    pub is_shared: bool,
    /// Whether the memory can change its size.
    pub is_resizable: bool,
}
