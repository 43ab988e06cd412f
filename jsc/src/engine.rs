//! What the bindings need, of JavaScriptCore.

use crate::ffi::*;
use crate::function::Body;
use crate::helpers::Helper;
use crate::object;
use crate::scope::{Scope, with_raw};
use crate::text::Text;
use crate::value::Value;
use dom_websocket::host::{
    BufferSource, DomString, Engine, ErrorKind, Intrinsic, Key, Native, Property, PropertyContent,
    Type,
};
use std::any::Any;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::rc::Rc;

// What makes the calls of the C API safe is said in `scope.rs`.
impl<'js> Engine for Scope<'js> {
    type Value = Value<'js>;
    type Exception = Value<'js>;

    fn undefined(&mut self) -> Value<'js> {
        // SAFETY: see above.
        self.value(unsafe { JSValueMakeUndefined(self.ctx()) })
    }

    fn null(&mut self) -> Value<'js> {
        // SAFETY: see above.
        self.value(unsafe { JSValueMakeNull(self.ctx()) })
    }

    fn boolean(&mut self, value: bool) -> Value<'js> {
        // SAFETY: see above.
        self.value(unsafe { JSValueMakeBoolean(self.ctx(), value) })
    }

    fn number(&mut self, value: f64) -> Value<'js> {
        // SAFETY: see above.
        self.value(unsafe { JSValueMakeNumber(self.ctx(), value) })
    }

    fn string(&mut self, value: &str) -> Result<Value<'js>, Value<'js>> {
        // SAFETY: see above.
        Ok(self.value(unsafe { JSValueMakeString(self.ctx(), Text::new(value).0) }))
    }

    fn dom_string(&mut self, value: &DomString) -> Result<Value<'js>, Value<'js>> {
        if let Some(text) = value.as_str() {
            return self.string(text);
        }
        let text = Text::of_units(&value.to_utf16());
        // SAFETY: see above.
        Ok(self.value(unsafe { JSValueMakeString(self.ctx(), text.0) }))
    }

    fn type_of(&mut self, value: &Value<'js>) -> Type {
        // SAFETY: see above.
        match unsafe { JSValueGetType(self.ctx(), value.raw) } {
            js_type::UNDEFINED => Type::Undefined,
            js_type::NULL => Type::Null,
            js_type::BOOLEAN => Type::Boolean,
            js_type::NUMBER => Type::Number,
            js_type::STRING => Type::String,
            js_type::OBJECT => Type::Object,
            js_type::SYMBOL => Type::Symbol,
            _ => Type::BigInt,
        }
    }

    fn is_callable(&mut self, value: &Value<'js>) -> bool {
        self.type_of(value) == Type::Object
            // SAFETY: see above.
            && unsafe { JSObjectIsFunction(self.ctx(), value.raw) }
    }

    fn is_same_object(&mut self, a: &Value<'js>, b: &Value<'js>) -> bool {
        self.type_of(a) == Type::Object
            // SAFETY: see above.
            && unsafe { JSValueIsStrictEqual(self.ctx(), a.raw, b.raw) }
    }

    fn to_boolean(&mut self, value: &Value<'js>) -> bool {
        // SAFETY: see above.
        unsafe { JSValueToBoolean(self.ctx(), value.raw) }
    }

    fn to_number(&mut self, value: &Value<'js>) -> Result<f64, Value<'js>> {
        let number = match self.type_of(value) {
            Type::Number => value.clone(),
            _ => self.call_helper(Helper::Number, std::slice::from_ref(value))?,
        };
        // SAFETY: see above. Of a number it throws nothing.
        Ok(unsafe { JSValueToNumber(self.ctx(), number.raw, null_mut()) })
    }

    fn to_dom_string(&mut self, value: &Value<'js>) -> Result<DomString, Value<'js>> {
        self.text_of(value)
    }

    fn global(&mut self) -> Value<'js> {
        // SAFETY: see above.
        self.value(unsafe { JSContextGetGlobalObject(self.ctx()) })
    }

    fn intrinsic(&mut self, intrinsic: Intrinsic) -> Value<'js> {
        self.helper(match intrinsic {
            Intrinsic::ObjectPrototype => Helper::ObjectPrototype,
            Intrinsic::FunctionPrototype => Helper::FunctionPrototype,
            Intrinsic::ErrorPrototype => Helper::ErrorPrototype,
            Intrinsic::Uint8Array => Helper::Uint8Array,
        })
    }

    fn get(&mut self, object: &Value<'js>, key: Key<'_>) -> Result<Value<'js>, Value<'js>> {
        let object = self.object(object)?;
        let ctx = self.ctx();
        if let Key::Name(name) = key {
            let name = Text::new(name);
            // SAFETY: see above.
            return self.check(|e| unsafe { JSObjectGetProperty(ctx, object, name.0, e) });
        }
        let symbol = self.key(key)?.raw;
        // SAFETY: see above; the realm has the symbol.
        self.check(|e| unsafe { JSObjectGetPropertyForKey(ctx, object, symbol, e) })
    }

    fn define(
        &mut self,
        object: &Value<'js>,
        key: Key<'_>,
        property: Property<Value<'js>>,
    ) -> Result<(), Value<'js>> {
        let key = self.key(key)?;
        let enumerable = self.boolean(property.enumerable);
        let configurable = self.boolean(property.configurable);
        let (helper, first, second) = match property.content {
            PropertyContent::Data { value, writable } => {
                (Helper::DataProperty, value, self.boolean(writable))
            }
            PropertyContent::Accessor { get, set } => {
                let set = set.unwrap_or_else(|| self.undefined());
                (Helper::AccessorProperty, get, set)
            }
        };
        let arguments = [object.clone(), key, first, second, enumerable, configurable];
        self.call_helper(helper, &arguments).map(drop)
    }

    fn set_prototype_of(
        &mut self,
        object: &Value<'js>,
        prototype: &Value<'js>,
    ) -> Result<(), Value<'js>> {
        let object = self.object(object)?;
        // SAFETY: see above.
        unsafe { JSObjectSetPrototype(self.ctx(), object, prototype.raw) };
        Ok(())
    }

    fn prototype_of(&mut self, object: &Value<'js>) -> Result<Option<Value<'js>>, Value<'js>> {
        let prototype = self.call_helper(Helper::GetPrototypeOf, std::slice::from_ref(object))?;
        Ok((self.type_of(&prototype) == Type::Object).then_some(prototype))
    }

    fn call(
        &mut self,
        function: &Value<'js>,
        this: &Value<'js>,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        if !self.is_callable(function) {
            return Err(self.new_error(ErrorKind::Type, "not a function")?);
        }
        match self.type_of(this) {
            Type::Object => self.call_raw(function.raw, this.raw, arguments),
            // Without a `this`, the API takes the global object.
            _ => {
                let arguments = self.new_array(arguments, false)?;
                self.call_helper(Helper::Apply, &[function.clone(), this.clone(), arguments])
            }
        }
    }

    fn construct(
        &mut self,
        constructor: &Value<'js>,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        let is_constructor = self.type_of(constructor) == Type::Object
            // SAFETY: see above.
            && unsafe { JSObjectIsConstructor(self.ctx(), constructor.raw) };
        if !is_constructor {
            return Err(self.new_error(ErrorKind::Type, "not a constructor")?);
        }
        with_raw(arguments, |start, count| {
            // SAFETY: see above.
            self.check(|e| unsafe {
                JSObjectCallAsConstructor(self.ctx(), constructor.raw, count, start, e)
            })
        })
    }

    fn new_function(
        &mut self,
        native: Native,
        name: &str,
        length: u32,
        is_constructor: bool,
    ) -> Result<Value<'js>, Value<'js>> {
        self.new_host_function(Body::Native(native), name, length, is_constructor)
    }

    fn new_object(&mut self, prototype: &Value<'js>) -> Result<Value<'js>, Value<'js>> {
        // SAFETY: see above; without a class it is an ordinary object.
        let object = self.value(unsafe { JSObjectMake(self.ctx(), null_mut(), null_mut()) });
        self.set_prototype_of(&object, prototype)?;
        Ok(object)
    }

    fn new_array(
        &mut self,
        items: &[Value<'js>],
        is_frozen: bool,
    ) -> Result<Value<'js>, Value<'js>> {
        let array = with_raw(items, |start, count| {
            // SAFETY: see above.
            self.check(|e| unsafe { JSObjectMakeArray(self.ctx(), count, start, e) })
        })?;
        match is_frozen {
            true => self.call_helper(Helper::Freeze, &[array]),
            false => Ok(array),
        }
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
        let (mut resolve, mut reject) = (null_mut(), null_mut());
        // SAFETY: see above.
        let promise = self.check(|e| unsafe {
            JSObjectMakeDeferredPromise(self.ctx(), &mut resolve, &mut reject, e)
        })?;
        Ok([promise, self.value(resolve), self.value(reject)])
    }

    fn new_array_buffer(&mut self, bytes: Vec<u8>) -> Result<Value<'js>, Value<'js>> {
        let owner = Box::into_raw(Box::new(bytes));
        // SAFETY: see above. The bytes are the buffer's, until `free_bytes` is given their owner.
        self.check(|e| unsafe {
            let (start, length) = ((*owner).as_mut_ptr().cast(), (*owner).len());
            let owner = owner.cast();
            JSObjectMakeArrayBufferWithBytesNoCopy(self.ctx(), start, length, free_bytes, owner, e)
        })
    }

    fn buffer_source(&mut self, value: &Value<'js>) -> Result<Option<BufferSource>, Value<'js>> {
        if self.type_of(value) != Type::Object {
            return Ok(None);
        }
        let kind = self.call_helper(Helper::Kind, std::slice::from_ref(value))?;
        Ok(match self.to_number(&kind)? as u8 {
            0 => None,
            kind => Some(BufferSource {
                is_view: kind & 2 != 0,
                is_shared: kind & 4 != 0,
                is_resizable: kind & 8 != 0,
            }),
        })
    }

    fn with_bytes<T>(
        &mut self,
        source: &Value<'js>,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Value<'js>> {
        let copy = self.call_helper(Helper::Copy, std::slice::from_ref(source))?;
        // SAFETY: see above; it is a typed array of the helper's own, of which these throw nothing.
        let length = unsafe { JSObjectGetTypedArrayByteLength(self.ctx(), copy.raw, null_mut()) };
        if length == 0 {
            return Ok(read(&[]));
        }
        // SAFETY: as above. Nobody else has the array, which is protected, and `read` does not enter the engine.
        let bytes = unsafe {
            let start = JSObjectGetTypedArrayBytesPtr(self.ctx(), copy.raw, null_mut());
            std::slice::from_raw_parts(start.cast::<u8>(), length)
        };
        Ok(read(bytes))
    }

    fn throw(&mut self, value: Value<'js>) -> Value<'js> {
        value
    }

    fn catch(&mut self, exception: Value<'js>) -> Result<Value<'js>, Value<'js>> {
        Ok(exception)
    }

    fn describe(&mut self, exception: Value<'js>) -> (String, Option<String>) {
        let message = match self.text_of(&exception) {
            Ok(message) => message.into_usv_string(),
            Err(_) => "an exception that is no string".to_owned(),
        };
        let stack = match self.type_of(&exception) {
            Type::Object => self.get(&exception, Key::Name("stack")).ok(),
            _ => None,
        };
        let stack = stack.filter(|stack| self.type_of(stack) == Type::String);
        let stack = stack.and_then(|stack| self.text_of(&stack).ok());
        (message, stack.map(DomString::into_usv_string))
    }

    fn new_host_object(
        &mut self,
        prototype: &Value<'js>,
        host_defined: Rc<dyn Any>,
    ) -> Result<Value<'js>, Value<'js>> {
        let data = self.new_data(host_defined);
        self.call_helper(Helper::HostObject, &[prototype.clone(), data])
    }

    fn host_defined(&mut self, value: &Value<'js>) -> Option<Rc<dyn Any>> {
        let holder = self.holder(value)?.raw;
        Some(self.host_defined_of(holder))
    }

    fn slot(&mut self, object: &Value<'js>, slot: usize) -> Option<Value<'js>> {
        let holder = self.holder(object)?.raw;
        self.slot_of(holder, slot)
    }

    fn set_slot(&mut self, object: &Value<'js>, slot: usize, value: Option<Value<'js>>) {
        if let Some(holder) = self.holder(object) {
            self.set_slot_of(holder.raw, slot, value);
        }
    }

    fn registry(&mut self) -> Value<'js> {
        self.value(self.registry.object)
    }

    fn registry_host_defined(&mut self) -> Option<Rc<dyn Any>> {
        Some(self.host_defined_of(self.registry_holder()))
    }

    fn registry_slot(&mut self, slot: usize) -> Option<Value<'js>> {
        self.slot_of(self.registry_holder(), slot)
    }

    fn new_event(
        &mut self,
        [prototype, is_trusted]: [usize; 2],
        host_defined: Rc<dyn Any>,
        slots: [Option<Value<'js>>; 2],
    ) -> Result<Value<'js>, Value<'js>> {
        let data = self.new_data(host_defined);
        let of_registry = [prototype, is_trusted].map(|slot| self.registry_slot(slot));
        let [prototype, is_trusted] = of_registry.map(|value| self.for_slot(data.raw, value));
        let [first, second] = slots.map(|value| self.for_slot(data.raw, value));
        self.call_helper(Helper::Event, &[prototype, data, is_trusted, first, second])
    }
}

impl<'js> Scope<'js> {
    /// A TypeError for what is none: the API would take anything for one.
    fn object(&mut self, value: &Value<'js>) -> Result<JSObjectRef, Value<'js>> {
        match self.type_of(value) {
            Type::Object => Ok(value.raw),
            _ => Err(self.new_error(ErrorKind::Type, "not an object")?),
        }
    }

    fn host_defined_of(&self, holder: JSObjectRef) -> Rc<dyn Any> {
        // SAFETY: it is a holder's, which has it from `new_data`, and is alive.
        unsafe { object::data(self.data_of(holder)) }
    }
}

/// The engine is done with the bytes of a buffer.
unsafe extern "C" fn free_bytes(_: *mut c_void, owner: *mut c_void) {
    // SAFETY: it is what `new_array_buffer` gave, once. The bytes can be freed on any thread.
    drop(unsafe { Box::from_raw(owner.cast::<Vec<u8>>()) });
}
