//! `WebSocket` for scripts of QuickJS, by the crate `rquickjs`.
//!
//! ```
//! use dom_websocket::{EventLoop, Server, host};
//! use rquickjs::{Context, Runtime};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//! let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//! server.set_onconnection(|socket, _| {
//!     socket.set_onmessage(|event| event.target().send(event.data()));
//! });
//!
//! let context = Context::full(&Runtime::new()?)?;
//! let page = host::quickjs::install(&context, host::Options::new(&event_loop))?;
//! page.run(|cx| {
//!     cx.globals().set("address", format!("ws://{}", server.local_addr()))?;
//!     cx.eval::<(), _>(
//!         "const socket = new WebSocket(address);
//!          socket.onopen = () => socket.send('hello');
//!          socket.onmessage = ({ data }) => { globalThis.heard = data; socket.close(); };",
//!     )
//! })?;
//! # let server = std::rc::Rc::new(server);
//! # let closing = server.clone();
//! # server.set_onconnection(move |socket, _| {
//! #     socket.set_onmessage(|event| event.target().send(event.data()));
//! #     let closing = closing.clone();
//! #     socket.set_onclose(move |_| closing.close());
//! # });
//! event_loop.run();
//! let heard: String = page.run(|cx| cx.globals().get("heard"))?;
//! assert_eq!(heard, "hello");
//! # Ok(())
//! # }
//! ```

use super::engine::{
    BufferSource, Engine, ErrorKind, Intrinsic, Key, Property, PropertyContent, Type,
};
use super::native::{Call, Native};
use super::realm::{Entry, Options, Realm};
use super::string::DomString;
use super::{ScriptError, Visit};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rquickjs::class::{ClassKind, JsCell, JsClass, Readable, Trace, Tracer};
use rquickjs::function::{Args, Constructor, Params};
use rquickjs::object::Property as DataProperty;
use rquickjs::{
    Array, ArrayBuffer, Class, Coerced, Context, Ctx, Function, JsLifetime, Object, Persistent,
    Value,
};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

/// Puts `WebSocket` and what belongs to it on the global object of a context.
///
/// The interfaces are `WebSocket`, `CloseEvent`, `MessageEvent`, `ErrorEvent`, `Event`, `EventTarget`,
/// `DOMException`, `Blob`, `AbortController` and `AbortSignal`. Those that the realm has, but for
/// `WebSocket`, stay as they are, and ours inherit from them.
///
/// The context needs the intrinsics that [`Context::full`] has. Microtasks of the context's runtime run
/// with the loop's checkpoints from now on.
///
/// # Errors
///
/// A base URL or an origin that is none, or what the engine throws.
pub fn install(context: &Context, options: Options) -> Result<Page, Box<dyn Error>> {
    let realm = options.realm()?;
    let registry = context.with(|ctx| {
        let mut scope = Scope::new(ctx, realm.clone())?;
        match super::install(&mut scope) {
            Ok(()) => Ok(Persistent::save(&scope.ctx, scope.registry.clone())),
            Err(exception) => Err(ScriptError::new(&mut scope, exception)),
        }
    })?;
    let inner = Rc::new(Inner {
        registry,
        context: context.clone(),
        realm: realm.clone(),
    });
    let entry: Rc<dyn Entry> = inner.clone();
    realm.set_entry(Rc::downgrade(&entry));
    Ok(Page { inner })
}

/// A realm with sockets. Dropping it is like leaving a page: its connections end, and no event reaches
/// its script any more. It keeps the context and its runtime alive.
#[must_use = "dropping it ends the realm's connections"]
pub struct Page {
    inner: Rc<Inner>,
}

impl Page {
    /// Enters the context to run script: the microtasks follow once the outermost such call is over.
    ///
    /// As [`Context::with`], it must not be called where the context's runtime is entered already.
    pub fn run<T>(&self, script: impl FnOnce(Ctx<'_>) -> T) -> T {
        let Inner { realm, context, .. } = &*self.inner;
        realm.event_loop().run_script(|| context.with(script))
    }

    /// The realm.
    pub fn realm(&self) -> &Realm {
        &self.inner.realm
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.inner.realm.unload();
    }
}

struct Inner {
    // The order matters: what the engine owns goes before the engine.
    registry: Persistent<Class<'static, HostObject<'static>>>,
    context: Context,
    realm: Rc<Realm>,
}

impl Inner {
    /// Enters the context, unless its runtime is in use.
    fn with(&self, visit: impl FnOnce(Ctx<'_>)) -> bool {
        let entered = Cell::new(false);
        let result = catch_unwind(AssertUnwindSafe(|| {
            self.context.with(|ctx| {
                entered.set(true);
                visit(ctx);
            });
        }));
        match result {
            Err(panic) if entered.get() => resume_unwind(panic),
            _ => entered.get(),
        }
    }
}

impl Entry for Inner {
    fn enter(&self, visit: Visit<'_>) -> bool {
        self.with(|ctx| {
            if let Ok(registry) = self.registry.clone().restore(&ctx) {
                visit.run(&mut Scope { ctx, registry });
            }
        })
    }

    fn run_microtasks(&self) {
        // A job is script on the stack, whatever it calls.
        let _script = self.realm.shared().enter_script();
        // Asking is no use where the runtime is in use: that is how it is found out.
        if !self.with(|_| {}) {
            return;
        }
        loop {
            match self.context.runtime().execute_pending_job() {
                Ok(true) => {}
                Ok(false) => return,
                Err(exception) => {
                    let error = exception.0.with(|ctx| {
                        let exception = ctx.catch();
                        let registry = self.registry.clone().restore(&ctx).ok()?;
                        Some(ScriptError::new(&mut Scope { ctx, registry }, exception))
                    });
                    if let Some(error) = error {
                        self.realm
                            .shared()
                            .report(crate::Exception::Error(Box::new(error)));
                    }
                }
            }
        }
    }
}

/// What the bindings keep in an object, where QuickJS traces it.
#[derive(JsLifetime)]
struct HostObject<'js> {
    payload: Payload,
    slots: RefCell<Vec<Option<Value<'js>>>>,
}

/// No value of the engine's is in it.
#[derive(Clone)]
struct Payload(Rc<dyn Any>);

impl<'js> Trace<'js> for HostObject<'js> {
    fn trace<'a>(&self, tracer: Tracer<'a, 'js>) {
        if let Ok(slots) = self.slots.try_borrow() {
            for value in slots.iter().flatten() {
                value.trace(tracer);
            }
        }
    }
}

impl<'js> JsClass<'js> for HostObject<'js> {
    const NAME: &'static str = "HostObject";
    type Mutable = Readable;

    fn constructor(_: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

/// A function of the bindings.
#[derive(JsLifetime)]
struct HostFunction<'js> {
    native: Native,
    registry: Class<'js, HostObject<'js>>,
}

impl<'js> Trace<'js> for HostFunction<'js> {
    fn trace<'a>(&self, tracer: Tracer<'a, 'js>) {
        self.registry.trace(tracer);
    }
}

impl<'js> JsClass<'js> for HostFunction<'js> {
    const NAME: &'static str = "HostFunction";
    const KIND: ClassKind = ClassKind::Callable;
    type Mutable = Readable;

    fn constructor(_: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Ok(None)
    }

    fn call<'a>(this: &JsCell<'js, Self>, params: Params<'a, 'js>) -> rquickjs::Result<Value<'js>> {
        let (native, registry) = {
            let function = this.borrow();
            (function.native, function.registry.clone())
        };
        // The function's own realm, whoever calls.
        let ctx = registry.ctx().clone();
        let arguments = (0..params.len()).filter_map(|i| params.arg(i)).collect();
        let (this, new_target) = if params.is_constructor() {
            (Value::new_undefined(ctx.clone()), Some(params.this()))
        } else {
            (params.this(), None)
        };
        let call = Call {
            this,
            arguments,
            new_target,
        };
        let mut scope = Scope { ctx, registry };
        native
            .call(&mut scope, &call)
            .map_err(|exception| scope.ctx.throw(exception))
    }
}

/// What has to be done in the language itself, with the functions that the realm has before any script
/// could replace them.
const HELPERS: &str = r"(() => {
    'use strict';
    const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { freeze } = Object;
    const { isView } = ArrayBuffer;
    const { toBase64 } = Uint8Array.prototype;
    const Bytes = Uint8Array;
    const getter = (object, name) => getOwnPropertyDescriptor(object, name)?.get;
    const attempt = (get, object) => {
        if (!get) return undefined;
        try { return apply(get, object, []); } catch { return undefined; }
    };
    const typed = getPrototypeOf(Uint8Array.prototype);
    const view = DataView.prototype;
    const plain = ArrayBuffer.prototype;
    const shared = typeof SharedArrayBuffer === 'function' ? SharedArrayBuffer.prototype : {};
    const [typedBuffer, typedOffset, typedLength] =
        ['buffer', 'byteOffset', 'byteLength'].map((name) => getter(typed, name));
    const [viewBuffer, viewOffset, viewLength] =
        ['buffer', 'byteOffset', 'byteLength'].map((name) => getter(view, name));
    const plainLength = getter(plain, 'byteLength');
    const sharedLength = getter(shared, 'byteLength');
    const resizable = getter(plain, 'resizable');
    const growable = getter(shared, 'growable');
    const bufferOf = (source) => attempt(typedBuffer, source) ?? attempt(viewBuffer, source);
    return {
        objectPrototype: Object.prototype,
        errorPrototype: Error.prototype,
        Error,
        TypeError,
        RangeError,
        Uint8Array,
        freeze,
        toStringTag: Symbol.toStringTag,
        // 0, or 1 for a buffer and 2 for a view, and 4 if it is shared, 8 if it is resizable.
        kind(source) {
            const isOfView = isView(source);
            const buffer = isOfView ? bufferOf(source) : source;
            const kind = isOfView ? 2 : 1;
            if (attempt(plainLength, buffer) !== undefined) {
                return kind | (attempt(resizable, buffer) ? 8 : 0);
            }
            if (attempt(sharedLength, buffer) !== undefined) {
                return kind | 4 | (attempt(growable, buffer) ? 8 : 0);
            }
            return 0;
        },
        base64(source) {
            if (!isView(source)) {
                return apply(toBase64, construct(Bytes, [source]), []);
            }
            const isTyped = attempt(typedBuffer, source) !== undefined;
            const offset = attempt(isTyped ? typedOffset : viewOffset, source);
            const length = attempt(isTyped ? typedLength : viewLength, source);
            if (!length) return '';
            return apply(toBase64, construct(Bytes, [bufferOf(source), offset, length]), []);
        },
        define(object, key, get, set, enumerable, configurable) {
            defineProperty(object, key,
                { __proto__: null, get, set, enumerable, configurable });
        },
    };
})()";

/// Slots of the registry that are the engine's own.
#[derive(Clone, Copy)]
enum Helper {
    ObjectPrototype = 40,
    ErrorPrototype,
    Error,
    TypeError,
    RangeError,
    Uint8Array,
    Freeze,
    ToStringTag,
    Kind,
    Base64,
    Define,
}

const HELPER_NAMES: [(Helper, &str); 11] = [
    (Helper::ObjectPrototype, "objectPrototype"),
    (Helper::ErrorPrototype, "errorPrototype"),
    (Helper::Error, "Error"),
    (Helper::TypeError, "TypeError"),
    (Helper::RangeError, "RangeError"),
    (Helper::Uint8Array, "Uint8Array"),
    (Helper::Freeze, "freeze"),
    (Helper::ToStringTag, "toStringTag"),
    (Helper::Kind, "kind"),
    (Helper::Base64, "base64"),
    (Helper::Define, "define"),
];

/// QuickJS, entered.
struct Scope<'js> {
    ctx: Ctx<'js>,
    registry: Class<'js, HostObject<'js>>,
}

impl<'js> Scope<'js> {
    /// Enters a context for the first time.
    fn new(ctx: Ctx<'js>, realm: Rc<Realm>) -> Result<Self, ScriptError> {
        let made = Object::new(ctx.clone()).and_then(|prototype| {
            let registry = HostObject {
                payload: Payload(realm),
                slots: RefCell::default(),
            };
            Class::instance_proto(registry, prototype)
        });
        let registry = match made {
            Ok(registry) => registry,
            Err(error) => return Err(ScriptError::from_parts(error.to_string(), None)),
        };
        let mut scope = Self { ctx, registry };
        scope
            .find_helpers()
            .map_err(|exception| ScriptError::new(&mut scope, exception))?;
        Ok(scope)
    }

    fn find_helpers(&mut self) -> Result<(), Value<'js>> {
        let helpers = self.ctx.eval::<Object<'js>, _>(HELPERS);
        let helpers = self.check(helpers)?;
        for (helper, name) in HELPER_NAMES {
            let value = self.check(helpers.get(name))?;
            self.set(self.registry.clone(), helper as usize, Some(value));
        }
        Ok(())
    }

    /// What rquickjs says went wrong, as what was thrown.
    fn check<T>(&self, result: rquickjs::Result<T>) -> Result<T, Value<'js>> {
        result.map_err(|error| match error {
            rquickjs::Error::Exception => self.ctx.catch(),
            error => {
                rquickjs::Exception::throw_type(&self.ctx, &error.to_string());
                self.ctx.catch()
            }
        })
    }

    fn helper(&self, helper: Helper) -> Value<'js> {
        let slots = &self.registry.borrow().slots;
        let value = slots.borrow().get(helper as usize).cloned().flatten();
        value.unwrap_or_else(|| Value::new_undefined(self.ctx.clone()))
    }

    fn call_helper(
        &self,
        helper: Helper,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        let undefined = Value::new_undefined(self.ctx.clone());
        self.apply(&self.helper(helper), &undefined, arguments)
    }

    fn apply(
        &self,
        function: &Value<'js>,
        this: &Value<'js>,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        let Some(function) = function.as_function() else {
            rquickjs::Exception::throw_type(&self.ctx, "not a function");
            return Err(self.ctx.catch());
        };
        let mut args = Args::new(self.ctx.clone(), arguments.len());
        self.check(args.this(this.clone()))?;
        for argument in arguments {
            self.check(args.push_arg(argument.clone()))?;
        }
        self.check(args.apply(function))
    }

    fn set(&self, object: Class<'js, HostObject<'js>>, slot: usize, value: Option<Value<'js>>) {
        let before = {
            let object = object.borrow();
            let mut slots = object.slots.borrow_mut();
            if slots.len() <= slot {
                if value.is_none() {
                    return;
                }
                slots.resize(slot + 1, None);
            }
            std::mem::replace(&mut slots[slot], value)
        };
        // What goes may be the last of some object: the borrow has ended.
        drop(before);
    }

    fn object(&self, value: &Value<'js>) -> Result<Object<'js>, Value<'js>> {
        match value.as_object() {
            Some(object) => Ok(object.clone()),
            None => {
                rquickjs::Exception::throw_type(&self.ctx, "not an object");
                Err(self.ctx.catch())
            }
        }
    }

    fn host_object(&self, value: &Value<'js>) -> Option<Class<'js, HostObject<'js>>> {
        Class::from_object(value.as_object()?)
    }

    fn key(&self, key: Key<'_>) -> Result<Value<'js>, Value<'js>> {
        match key {
            Key::Name(name) => {
                let name = rquickjs::String::from_str(self.ctx.clone(), name);
                Ok(self.check(name)?.into_value())
            }
            Key::Iterator => Ok(rquickjs::Symbol::iterator(self.ctx.clone()).into_value()),
            Key::ToStringTag => Ok(self.helper(Helper::ToStringTag)),
        }
    }
}

impl<'js> Engine for Scope<'js> {
    type Value = Value<'js>;
    type Exception = Value<'js>;

    fn undefined(&mut self) -> Value<'js> {
        Value::new_undefined(self.ctx.clone())
    }

    fn null(&mut self) -> Value<'js> {
        Value::new_null(self.ctx.clone())
    }

    fn boolean(&mut self, value: bool) -> Value<'js> {
        Value::new_bool(self.ctx.clone(), value)
    }

    fn number(&mut self, value: f64) -> Value<'js> {
        Value::new_number(self.ctx.clone(), value)
    }

    fn string(&mut self, value: &str) -> Result<Value<'js>, Value<'js>> {
        let string = rquickjs::String::from_str(self.ctx.clone(), value);
        Ok(self.check(string)?.into_value())
    }

    fn dom_string(&mut self, value: &DomString) -> Result<Value<'js>, Value<'js>> {
        match value.as_str() {
            Some(text) => self.string(text),
            // The engine takes unpaired surrogates as JSON has them.
            None => {
                let escaped = value
                    .to_utf16()
                    .iter()
                    .fold(String::from("\""), |json, unit| {
                        json + &format!("\\u{unit:04x}")
                    });
                self.check(self.ctx.json_parse(escaped + "\""))
            }
        }
    }

    fn type_of(&mut self, value: &Value<'js>) -> Type {
        if value.is_undefined() {
            Type::Undefined
        } else if value.is_null() {
            Type::Null
        } else if value.is_bool() {
            Type::Boolean
        } else if value.is_number() {
            Type::Number
        } else if value.is_string() {
            Type::String
        } else if value.is_symbol() {
            Type::Symbol
        } else if value.is_object() {
            Type::Object
        } else {
            Type::BigInt
        }
    }

    fn is_callable(&mut self, value: &Value<'js>) -> bool {
        value.is_function()
    }

    fn is_same_object(&mut self, a: &Value<'js>, b: &Value<'js>) -> bool {
        a.is_object() && a == b
    }

    fn to_boolean(&mut self, value: &Value<'js>) -> bool {
        value.get::<Coerced<bool>>().is_ok_and(|value| value.0)
    }

    fn to_number(&mut self, value: &Value<'js>) -> Result<f64, Value<'js>> {
        Ok(self.check(value.get::<Coerced<f64>>())?.0)
    }

    fn to_dom_string(&mut self, value: &Value<'js>) -> Result<DomString, Value<'js>> {
        let string = self.check(value.get::<Coerced<rquickjs::String<'js>>>())?.0;
        match string.to_string() {
            Ok(text) => Ok(DomString::from(text)),
            // Unpaired surrogates: JSON has them escaped.
            Err(_) => {
                let json = self.check(self.ctx.json_stringify(string))?;
                let json = json.and_then(|json| json.to_string().ok());
                Ok(DomString::from_utf16(&unescape(&json.unwrap_or_default())))
            }
        }
    }

    fn global(&mut self) -> Value<'js> {
        self.ctx.globals().into_value()
    }

    fn intrinsic(&mut self, intrinsic: Intrinsic) -> Value<'js> {
        match intrinsic {
            Intrinsic::ObjectPrototype => self.helper(Helper::ObjectPrototype),
            Intrinsic::FunctionPrototype => Function::prototype(self.ctx.clone()).into_value(),
            Intrinsic::ErrorPrototype => self.helper(Helper::ErrorPrototype),
            Intrinsic::Uint8Array => self.helper(Helper::Uint8Array),
        }
    }

    fn get(&mut self, object: &Value<'js>, key: Key<'_>) -> Result<Value<'js>, Value<'js>> {
        let object = self.object(object)?;
        match key {
            Key::Name(name) => self.check(object.get(name)),
            key => {
                let key = self.key(key)?;
                self.check(object.get(key))
            }
        }
    }

    fn define(
        &mut self,
        object: &Value<'js>,
        key: Key<'_>,
        property: Property<Value<'js>>,
    ) -> Result<(), Value<'js>> {
        let key = self.key(key)?;
        let Property {
            content,
            enumerable,
            configurable,
        } = property;
        match content {
            PropertyContent::Data { value, writable } => {
                let mut property = DataProperty::from(value);
                if writable {
                    property = property.writable();
                }
                if enumerable {
                    property = property.enumerable();
                }
                if configurable {
                    property = property.configurable();
                }
                let object = self.object(object)?;
                self.check(object.prop(key, property))
            }
            PropertyContent::Accessor { get, set } => {
                let set = set.unwrap_or_else(|| Value::new_undefined(self.ctx.clone()));
                let enumerable = self.boolean(enumerable);
                let configurable = self.boolean(configurable);
                let arguments = [object.clone(), key, get, set, enumerable, configurable];
                self.call_helper(Helper::Define, &arguments)?;
                Ok(())
            }
        }
    }

    fn set_prototype_of(
        &mut self,
        object: &Value<'js>,
        prototype: &Value<'js>,
    ) -> Result<(), Value<'js>> {
        let object = self.object(object)?;
        self.check(object.set_prototype(prototype.as_object()))
    }

    fn prototype_of(&mut self, object: &Value<'js>) -> Result<Option<Value<'js>>, Value<'js>> {
        Ok(self.object(object)?.get_prototype().map(Object::into_value))
    }

    fn call(
        &mut self,
        function: &Value<'js>,
        this: &Value<'js>,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        self.apply(function, this, arguments)
    }

    fn construct(
        &mut self,
        constructor: &Value<'js>,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        let Some(constructor) = constructor.as_constructor() else {
            rquickjs::Exception::throw_type(&self.ctx, "not a constructor");
            return Err(self.ctx.catch());
        };
        let mut args = Args::new(self.ctx.clone(), arguments.len());
        for argument in arguments {
            self.check(args.push_arg(argument.clone()))?;
        }
        self.check(args.construct(constructor))
    }

    fn new_function(
        &mut self,
        native: Native,
        name: &str,
        length: u32,
        is_constructor: bool,
    ) -> Result<Value<'js>, Value<'js>> {
        let prototype = Function::prototype(self.ctx.clone());
        let function = HostFunction {
            native,
            registry: self.registry.clone(),
        };
        let function = self.check(Class::instance_proto(function, prototype))?;
        let Some(function) = function.into_value().into_function() else {
            return Err(Value::new_undefined(self.ctx.clone()));
        };
        function.set_constructor(is_constructor);
        self.check(function.set_length(length as usize))?;
        self.check(function.set_name(name))?;
        Ok(function.into_value())
    }

    fn new_object(&mut self, prototype: &Value<'js>) -> Result<Value<'js>, Value<'js>> {
        let object = Object::new_proto(self.ctx.clone(), prototype.as_object());
        Ok(self.check(object)?.into_value())
    }

    fn new_array(
        &mut self,
        items: &[Value<'js>],
        is_frozen: bool,
    ) -> Result<Value<'js>, Value<'js>> {
        let array = self.check(Array::new(self.ctx.clone()))?;
        for (index, item) in items.iter().enumerate() {
            self.check(array.set(index, item.clone()))?;
        }
        if is_frozen {
            self.call_helper(Helper::Freeze, &[array.clone().into_value()])?;
        }
        Ok(array.into_value())
    }

    fn new_error(&mut self, kind: ErrorKind, message: &str) -> Result<Value<'js>, Value<'js>> {
        let constructor = self.helper(match kind {
            ErrorKind::Error => Helper::Error,
            ErrorKind::Type => Helper::TypeError,
            ErrorKind::Range => Helper::RangeError,
        });
        let message = self.string(message)?;
        self.construct(&constructor, &[message])
    }

    fn new_promise(&mut self) -> Result<[Value<'js>; 3], Value<'js>> {
        let (promise, resolve, reject) = self.check(self.ctx.promise())?;
        Ok([
            promise.into_value(),
            resolve.into_value(),
            reject.into_value(),
        ])
    }

    fn new_array_buffer(&mut self, bytes: Vec<u8>) -> Result<Value<'js>, Value<'js>> {
        let buffer = self.check(ArrayBuffer::new(self.ctx.clone(), bytes))?;
        Ok(buffer.into_value())
    }

    fn buffer_source(&mut self, value: &Value<'js>) -> Option<BufferSource> {
        if !value.is_object() {
            return None;
        }
        let kind = self.call_helper(Helper::Kind, std::slice::from_ref(value));
        match kind.ok()?.as_int()? {
            0 => None,
            kind => Some(BufferSource {
                is_view: kind & 2 != 0,
                is_shared: kind & 4 != 0,
                is_resizable: kind & 8 != 0,
            }),
        }
    }

    /// rquickjs shows the bytes themselves to unsafe code only; in base64 they come out at the speed of
    /// a copy or two.
    fn with_bytes<T>(
        &mut self,
        source: &Value<'js>,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Value<'js>> {
        let base64 = self.call_helper(Helper::Base64, std::slice::from_ref(source));
        // A detached buffer has no bytes, which the language says by throwing.
        let base64 = base64.ok().and_then(Value::into_string);
        let base64 = base64.and_then(|base64| base64.to_string().ok());
        let bytes = BASE64_STANDARD.decode(base64.unwrap_or_default());
        Ok(read(&bytes.unwrap_or_default()))
    }

    fn throw(&mut self, value: Value<'js>) -> Value<'js> {
        value
    }

    fn catch(&mut self, exception: Value<'js>) -> Result<Value<'js>, Value<'js>> {
        if exception.is_uncatchable_error() {
            Err(exception)
        } else {
            Ok(exception)
        }
    }

    fn describe(&mut self, exception: Value<'js>) -> (String, Option<String>) {
        let message = match self.to_dom_string(&exception) {
            Ok(message) => message.into_usv_string(),
            Err(_) => "an exception that is no string".to_owned(),
        };
        let stack = exception.as_object().and_then(|object| {
            let stack = self.check(object.get::<_, Value<'js>>("stack")).ok()?;
            stack.as_string()?.to_string().ok()
        });
        (message, stack)
    }

    fn new_host_object(
        &mut self,
        prototype: &Value<'js>,
        payload: Rc<dyn Any>,
    ) -> Result<Value<'js>, Value<'js>> {
        let prototype = self.object(prototype)?;
        let object = HostObject {
            payload: Payload(payload),
            slots: RefCell::default(),
        };
        Ok(self
            .check(Class::instance_proto(object, prototype))?
            .into_value())
    }

    fn payload(&mut self, value: &Value<'js>) -> Option<Rc<dyn Any>> {
        let object = self.host_object(value)?;
        let payload = object.borrow().payload.clone();
        Some(payload.0)
    }

    fn slot(&mut self, object: &Value<'js>, slot: usize) -> Option<Value<'js>> {
        let object = self.host_object(object)?;
        let object = object.borrow();
        let slots = object.slots.borrow();
        slots.get(slot).cloned().flatten()
    }

    fn set_slot(&mut self, object: &Value<'js>, slot: usize, value: Option<Value<'js>>) {
        if let Some(object) = self.host_object(object) {
            self.set(object, slot, value);
        }
    }

    fn registry(&mut self) -> Value<'js> {
        self.registry.clone().into_value()
    }
}

/// The code units of a JSON string, in quotes.
fn unescape(json: &str) -> Vec<u16> {
    let mut units = Vec::new();
    let json = json.strip_prefix('"').unwrap_or(json);
    let json = json.strip_suffix('"').unwrap_or(json);
    let mut rest = json.encode_utf16();
    while let Some(unit) = rest.next() {
        if unit != u16::from(b'\\') {
            units.push(unit);
            continue;
        }
        let escape = rest.next().and_then(|unit| u8::try_from(unit).ok());
        units.push(match escape {
            Some(b'u') => rest.by_ref().take(4).fold(0, |unit, digit| {
                let digit = char::from_u32(digit.into()).and_then(|digit| digit.to_digit(16));
                unit * 16 + digit.unwrap_or(0) as u16
            }),
            Some(b'b') => 8,
            Some(b't') => 9,
            Some(b'n') => 10,
            Some(b'f') => 12,
            Some(b'r') => 13,
            Some(escaped) => escaped.into(),
            None => break,
        });
    }
    units
}
