//! What the bindings need, of Boa.

use crate::object::{HostDefined, HostObject, Slots};
use boa_engine::builtins::array_buffer::AlignedVec;
use boa_engine::gc::GcRefCell;
use boa_engine::object::builtins::{
    JsArray, JsArrayBuffer, JsDataView, JsFunction, JsPromise, JsSharedArrayBuffer, JsTypedArray,
};
use boa_engine::object::{FunctionObjectBuilder, IntegrityLevel, ObjectInitializer};
use boa_engine::property::{Attribute, PropertyDescriptor, PropertyKey};
use boa_engine::string::JsStrVariant;
use boa_engine::value::JsVariant;
use boa_engine::{
    Context, JsError, JsNativeError, JsObject, JsString, JsSymbol, JsValue, NativeFunction,
    js_string,
};
use dom_websocket::host::{
    BufferSource, Call, DomString, Engine, ErrorKind, Intrinsic, Key, Native, Property,
    PropertyContent, Type,
};
use std::any::Any;
use std::ops::Range;
use std::rc::Rc;

/// Slots of the registry that are the engine's own.
const RESIZABLE: usize = 40;
const GET_PROTOTYPE_OF: usize = 41;

/// Boa, entered.
pub(crate) struct Scope<'a> {
    context: &'a mut Context,
    registry: JsObject,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(context: &'a mut Context, registry: JsObject) -> Self {
        Self { context, registry }
    }

    pub(crate) fn find_helpers(&mut self) -> Result<(), JsError> {
        let prototype = self
            .context
            .intrinsics()
            .constructors()
            .array_buffer()
            .prototype();
        let resizable = JsString::from("resizable");
        let resizable = PropertyKey::from(resizable);
        let descriptor = prototype.borrow().properties().get(&resizable);
        let getter = descriptor.and_then(|descriptor| descriptor.get().cloned());
        self.set(&self.registry, RESIZABLE, getter);
        let global = self.context.global_object();
        let reflect = global.get(JsString::from("Reflect"), self.context)?;
        let get = match reflect.as_object() {
            Some(reflect) => Some(reflect.get(JsString::from("getPrototypeOf"), self.context)?),
            None => None,
        };
        self.set(&self.registry, GET_PROTOTYPE_OF, get);
        Ok(())
    }

    fn set(&self, object: &JsObject, slot: usize, value: Option<JsValue>) {
        let Some(object) = object.downcast_ref::<HostObject>() else {
            return;
        };
        object.slots.borrow_mut().set(slot, value);
    }

    fn registry_object(&self, slot: usize) -> Option<JsObject> {
        let registry = self.registry.downcast_ref::<HostObject>()?;
        registry.slots.borrow().get(slot)?.as_object()
    }

    fn object(&self, value: &JsValue) -> Result<JsObject, JsError> {
        value
            .as_object()
            .ok_or_else(|| JsNativeError::typ().with_message("not an object").into())
    }

    /// The buffer of an `ArrayBuffer` or a view. `None` for neither.
    fn buffer_of(&mut self, value: &JsValue) -> Result<Option<(bool, JsValue)>, JsError> {
        let Some(object) = value.as_object() else {
            return Ok(None);
        };
        if let Ok(array) = JsTypedArray::from_object(object.clone()) {
            return Ok(Some((true, array.buffer(self.context)?)));
        }
        if let Ok(view) = JsDataView::from_object(object.clone()) {
            return Ok(Some((true, view.buffer(self.context)?)));
        }
        let is_buffer = JsArrayBuffer::from_object(object.clone()).is_ok()
            || JsSharedArrayBuffer::from_object(object).is_ok();
        Ok(is_buffer.then(|| (false, value.clone())))
    }

    /// Where in its buffer, which is not detached, a view's bytes are.
    fn range_of(&mut self, view: JsObject) -> Result<Range<usize>, JsError> {
        let range = match JsTypedArray::from_object(view.clone()) {
            Ok(array) => array
                .byte_offset(self.context)
                .and_then(|offset| Ok((offset, array.byte_length(self.context)?))),
            Err(_) => {
                let view = JsDataView::from_object(view)?;
                view.byte_offset(self.context).and_then(|offset| {
                    Ok((offset as usize, view.byte_length(self.context)? as usize))
                })
            }
        };
        match range {
            Ok((offset, length)) => Ok(offset..offset.saturating_add(length)),
            // Out of bounds, of a `DataView`.
            Err(error) if error.as_native().is_some_and(JsNativeError::is_type) => Ok(0..0),
            Err(error) => Err(error),
        }
    }
}

fn key_of(key: Key<'_>) -> PropertyKey {
    match key {
        Key::Name(name) => JsString::from(name).into(),
        Key::Iterator => JsSymbol::iterator().into(),
        Key::ToStringTag => JsSymbol::to_string_tag().into(),
    }
}

fn dom_string(string: &JsString) -> DomString {
    // Boa goes over the characters one by one.
    if let JsStrVariant::Latin1(text) = string.variant()
        && text.is_ascii()
        && let Ok(text) = str::from_utf8(text)
    {
        return DomString::from(text);
    }
    match string.to_std_string() {
        Ok(text) => DomString::from(text),
        Err(_) => DomString::from_utf16(&string.to_vec()),
    }
}

pub(crate) fn describe(context: &mut Context, error: JsError) -> (String, Option<String>) {
    let value = match error.into_opaque(context) {
        Ok(value) => value,
        // The engine's own, such as a limit.
        Err(error) => return (error.to_string(), None),
    };
    let message = match value.to_string(context) {
        Ok(message) => message.to_std_string_lossy(),
        Err(_) => "an exception that is no string".to_owned(),
    };
    let stack = value.as_object().and_then(|object| {
        let stack = object.get(JsString::from("stack"), context).ok()?;
        Some(stack.as_string()?.to_std_string_lossy())
    });
    (message, stack)
}

impl Engine for Scope<'_> {
    type Value = JsValue;
    type Exception = JsError;

    fn undefined(&mut self) -> JsValue {
        JsValue::undefined()
    }

    fn null(&mut self) -> JsValue {
        JsValue::null()
    }

    fn boolean(&mut self, value: bool) -> JsValue {
        value.into()
    }

    fn number(&mut self, value: f64) -> JsValue {
        value.into()
    }

    fn string(&mut self, value: &str) -> Result<JsValue, JsError> {
        Ok(JsString::from(value).into())
    }

    fn dom_string(&mut self, value: &DomString) -> Result<JsValue, JsError> {
        Ok(match value.as_str() {
            Some(text) => JsString::from(text).into(),
            None => JsString::from(&value.to_utf16()[..]).into(),
        })
    }

    fn type_of(&mut self, value: &JsValue) -> Type {
        match value.variant() {
            JsVariant::Undefined => Type::Undefined,
            JsVariant::Null => Type::Null,
            JsVariant::Boolean(_) => Type::Boolean,
            JsVariant::Integer32(_) | JsVariant::Float64(_) => Type::Number,
            JsVariant::BigInt(_) => Type::BigInt,
            JsVariant::String(_) => Type::String,
            JsVariant::Symbol(_) => Type::Symbol,
            JsVariant::Object(_) => Type::Object,
        }
    }

    fn is_callable(&mut self, value: &JsValue) -> bool {
        value.is_callable()
    }

    fn is_same_object(&mut self, a: &JsValue, b: &JsValue) -> bool {
        match (a.as_object(), b.as_object()) {
            (Some(a), Some(b)) => JsObject::equals(&a, &b),
            _ => false,
        }
    }

    fn to_boolean(&mut self, value: &JsValue) -> bool {
        value.to_boolean()
    }

    fn to_number(&mut self, value: &JsValue) -> Result<f64, JsError> {
        value.to_number(self.context)
    }

    fn to_dom_string(&mut self, value: &JsValue) -> Result<DomString, JsError> {
        Ok(dom_string(&value.to_string(self.context)?))
    }

    fn global(&mut self) -> JsValue {
        self.context.global_object().into()
    }

    fn intrinsic(&mut self, intrinsic: Intrinsic) -> JsValue {
        let constructors = self.context.intrinsics().constructors();
        match intrinsic {
            Intrinsic::ObjectPrototype => constructors.object(),
            Intrinsic::FunctionPrototype => constructors.function(),
            Intrinsic::ErrorPrototype => constructors.error(),
            Intrinsic::Uint8Array => return constructors.typed_uint8_array().constructor().into(),
        }
        .prototype()
        .into()
    }

    fn get(&mut self, object: &JsValue, key: Key<'_>) -> Result<JsValue, JsError> {
        self.object(object)?.get(key_of(key), self.context)
    }

    fn define(
        &mut self,
        object: &JsValue,
        key: Key<'_>,
        property: Property<JsValue>,
    ) -> Result<(), JsError> {
        let descriptor = PropertyDescriptor::builder()
            .enumerable(property.enumerable)
            .configurable(property.configurable);
        let descriptor = match property.content {
            PropertyContent::Data { value, writable } => {
                descriptor.value(value).writable(writable).build()
            }
            PropertyContent::Accessor { get, set } => {
                descriptor.get(get).set(set.unwrap_or_default()).build()
            }
        };
        self.object(object)?
            .define_property_or_throw(key_of(key), descriptor, self.context)?;
        Ok(())
    }

    fn set_prototype_of(&mut self, object: &JsValue, prototype: &JsValue) -> Result<(), JsError> {
        self.object(object)?.set_prototype(prototype.as_object());
        Ok(())
    }

    fn prototype_of(&mut self, object: &JsValue) -> Result<Option<JsValue>, JsError> {
        let registry = self.registry.clone().into();
        let Some(get) = self.slot(&registry, GET_PROTOTYPE_OF) else {
            return Ok(None);
        };
        let undefined = JsValue::undefined();
        let prototype = self.call(&get, &undefined, std::slice::from_ref(object))?;
        Ok(prototype.is_object().then_some(prototype))
    }

    fn call(
        &mut self,
        function: &JsValue,
        this: &JsValue,
        arguments: &[JsValue],
    ) -> Result<JsValue, JsError> {
        self.object(function)?.call(this, arguments, self.context)
    }

    fn construct(
        &mut self,
        constructor: &JsValue,
        arguments: &[JsValue],
    ) -> Result<JsValue, JsError> {
        let constructor = self.object(constructor)?;
        if !constructor.is_constructor() {
            return Err(JsNativeError::typ()
                .with_message("not a constructor")
                .into());
        }
        Ok(constructor.construct(arguments, None, self.context)?.into())
    }

    fn new_function(
        &mut self,
        native: Native,
        name: &str,
        length: u32,
        is_constructor: bool,
    ) -> Result<JsValue, JsError> {
        let function = NativeFunction::from_copy_closure_with_captures(
            move |this, arguments, registry: &JsObject, context| {
                let (this, new_target) = if is_constructor {
                    (JsValue::undefined(), this.is_object().then(|| this.clone()))
                } else {
                    (this.clone(), None)
                };
                let call = Call {
                    this,
                    arguments: arguments.to_vec(),
                    new_target,
                };
                let registry = registry.clone();
                native.call(&mut Scope { context, registry }, &call)
            },
            self.registry.clone(),
        );
        let function = FunctionObjectBuilder::new(self.context.realm(), function)
            .name(JsString::from(name))
            .length(length as usize)
            .constructor(is_constructor)
            .build();
        Ok(function.into())
    }

    fn new_object(&mut self, prototype: &JsValue) -> Result<JsValue, JsError> {
        let object = JsObject::with_null_proto();
        object.set_prototype(prototype.as_object());
        Ok(object.into())
    }

    fn new_array(&mut self, items: &[JsValue], is_frozen: bool) -> Result<JsValue, JsError> {
        let array = JsArray::from_iter(items.iter().cloned(), self.context);
        if is_frozen {
            array.set_integrity_level(IntegrityLevel::Frozen, self.context)?;
        }
        Ok(array.into())
    }

    fn new_error(&mut self, kind: ErrorKind, message: &str) -> Result<JsValue, JsError> {
        let error = match kind {
            ErrorKind::Error => JsNativeError::error(),
            ErrorKind::Type => JsNativeError::typ(),
            ErrorKind::Range => JsNativeError::range(),
        };
        let error = error.with_message(message.to_owned());
        Ok(error.into_opaque(self.context).into())
    }

    fn new_promise(&mut self) -> Result<[JsValue; 3], JsError> {
        let (promise, functions) = JsPromise::new_pending(self.context);
        Ok([
            promise.into(),
            functions.resolve.into(),
            functions.reject.into(),
        ])
    }

    fn new_array_buffer(&mut self, bytes: Vec<u8>) -> Result<JsValue, JsError> {
        // The engine's memory is aligned as no `Vec` is.
        let block = AlignedVec::from_slice(64, &bytes);
        Ok(JsArrayBuffer::from_byte_block(block, self.context)?.into())
    }

    fn buffer_source(&mut self, value: &JsValue) -> Result<Option<BufferSource>, JsError> {
        let Some((is_view, buffer)) = self.buffer_of(value)? else {
            return Ok(None);
        };
        let is_shared = JsSharedArrayBuffer::from_object(self.object(&buffer)?).is_ok();
        let registry = self.registry.clone().into();
        let resizable = self.slot(&registry, RESIZABLE);
        let is_resizable = match resizable {
            Some(getter) if !is_shared => self.call(&getter, &buffer, &[])?.to_boolean(),
            _ => false,
        };
        Ok(Some(BufferSource {
            is_view,
            is_shared,
            is_resizable,
        }))
    }

    fn with_bytes<T>(
        &mut self,
        source: &JsValue,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, JsError> {
        let Some((is_view, buffer)) = self.buffer_of(source)? else {
            return Ok(read(&[]));
        };
        let Ok(buffer) = JsArrayBuffer::from_object(self.object(&buffer)?) else {
            return Ok(read(&[]));
        };
        // A detached buffer has no data.
        let Some(length) = buffer.data().map(|bytes| bytes.len()) else {
            return Ok(read(&[]));
        };
        let range = match is_view {
            true => self.range_of(self.object(source)?)?,
            false => 0..length,
        };
        let bytes = buffer.data();
        let bytes = bytes.as_ref().and_then(|bytes| bytes.get(range));
        Ok(read(bytes.unwrap_or_default()))
    }

    fn throw(&mut self, value: JsValue) -> JsError {
        JsError::from_opaque(value)
    }

    fn catch(&mut self, exception: JsError) -> Result<JsValue, JsError> {
        exception.into_opaque(self.context)
    }

    fn describe(&mut self, exception: JsError) -> (String, Option<String>) {
        describe(self.context, exception)
    }

    fn new_host_object(
        &mut self,
        prototype: &JsValue,
        host_defined: Rc<dyn Any>,
    ) -> Result<JsValue, JsError> {
        let object = HostObject {
            host_defined: HostDefined(host_defined),
            slots: GcRefCell::default(),
        };
        let root_shape = self.context.root_shape();
        let object = JsObject::new(root_shape, prototype.as_object(), object);
        Ok(object.upcast().into())
    }

    fn host_defined(&mut self, value: &JsValue) -> Option<Rc<dyn Any>> {
        let object = value.as_object()?;
        let host_defined = object.downcast_ref::<HostObject>()?.host_defined.clone();
        Some(host_defined.0)
    }

    fn slot(&mut self, object: &JsValue, slot: usize) -> Option<JsValue> {
        let object = object.as_object()?;
        let object = object.downcast_ref::<HostObject>()?;
        let slots = object.slots.borrow();
        slots.get(slot).cloned()
    }

    fn set_slot(&mut self, object: &JsValue, slot: usize, value: Option<JsValue>) {
        if let Some(object) = object.as_object() {
            self.set(&object, slot, value);
        }
    }

    fn registry(&mut self) -> JsValue {
        self.registry.clone().into()
    }

    fn registry_host_defined(&mut self) -> Option<Rc<dyn Any>> {
        let registry = self.registry.downcast_ref::<HostObject>()?;
        Some(registry.host_defined.0.clone())
    }

    fn registry_slot(&mut self, slot: usize) -> Option<JsValue> {
        let registry = self.registry.downcast_ref::<HostObject>()?;
        let slots = registry.slots.borrow();
        slots.get(slot).cloned()
    }

    fn new_event(
        &mut self,
        of_registry: [usize; 2],
        host_defined: Rc<dyn Any>,
        slots: [Option<JsValue>; 2],
    ) -> Result<JsValue, JsError> {
        let object = HostObject {
            host_defined: HostDefined(host_defined),
            slots: GcRefCell::new(Slots::new(slots)),
        };
        let [prototype, get] = of_registry.map(|slot| self.registry_object(slot));
        let (Some(prototype), Some(get)) = (prototype, get.and_then(JsFunction::from_object))
        else {
            return Err(JsNativeError::typ()
                .with_message("the realm has no events")
                .into());
        };
        let event = ObjectInitializer::with_native_data_and_proto(object, prototype, self.context)
            .accessor(
                js_string!("isTrusted"),
                Some(get),
                None,
                Attribute::ENUMERABLE,
            )
            .build();
        Ok(event.into())
    }
}
