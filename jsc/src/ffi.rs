//! JavaScriptCore's C API, as much of it as is used.
//!
//! The names are the headers'. An object is a value: `JSObjectRef` and `JSValueRef` are the same pointer. A null
//! object or string means that there is none, where the header says so, and an exception is written only if there is one.
#![allow(non_snake_case)]

use std::ffi::{c_char, c_int, c_uint, c_void};

/// What only the library knows the inside of.
#[repr(C)]
pub(crate) struct Opaque([u8; 0]);

pub(crate) type JSContextRef = *mut Opaque;
pub(crate) type JSContextGroupRef = *mut Opaque;
pub(crate) type JSClassRef = *mut Opaque;
pub(crate) type JSStringRef = *mut Opaque;
pub(crate) type JSValueRef = *mut Opaque;
pub(crate) type JSObjectRef = JSValueRef;

pub(crate) type CallAsFunction = unsafe extern "C" fn(
    JSContextRef,
    JSObjectRef,
    JSObjectRef,
    usize,
    *const JSValueRef,
    *mut JSValueRef,
) -> JSValueRef;

#[repr(C)]
pub(crate) struct JSClassDefinition {
    pub(crate) version: c_int,
    pub(crate) attributes: c_uint,
    pub(crate) class_name: *const c_char,
    pub(crate) parent: JSClassRef,
    pub(crate) static_values: *const c_void,
    pub(crate) static_functions: *const c_void,
    pub(crate) initialize: *const c_void,
    pub(crate) finalize: Option<unsafe extern "C" fn(JSObjectRef)>,
    pub(crate) has_property: *const c_void,
    pub(crate) get_property: *const c_void,
    pub(crate) set_property: *const c_void,
    pub(crate) delete_property: *const c_void,
    pub(crate) get_property_names: *const c_void,
    pub(crate) call_as_function: *const c_void,
    pub(crate) call_as_constructor: *const c_void,
    pub(crate) has_instance: *const c_void,
    pub(crate) convert_to_type: *const c_void,
}

/// `kJSClassAttributeNoAutomaticPrototype`.
pub(crate) const NO_AUTOMATIC_PROTOTYPE: c_uint = 1 << 1;

/// `JSType`, which goes on with BigInt.
pub(crate) mod js_type {
    use std::ffi::c_uint;

    pub(crate) const UNDEFINED: c_uint = 0;
    pub(crate) const NULL: c_uint = 1;
    pub(crate) const BOOLEAN: c_uint = 2;
    pub(crate) const NUMBER: c_uint = 3;
    pub(crate) const STRING: c_uint = 4;
    pub(crate) const OBJECT: c_uint = 5;
    pub(crate) const SYMBOL: c_uint = 6;
}

unsafe extern "C" {
    pub(crate) fn JSGlobalContextCreateInGroup(
        group: JSContextGroupRef,
        class: JSClassRef,
    ) -> JSContextRef;
    pub(crate) fn JSGlobalContextRetain(ctx: JSContextRef) -> JSContextRef;
    pub(crate) fn JSGlobalContextRelease(ctx: JSContextRef);
    pub(crate) fn JSContextGetGlobalObject(ctx: JSContextRef) -> JSObjectRef;
    pub(crate) fn JSContextGetGroup(ctx: JSContextRef) -> JSContextGroupRef;
    pub(crate) fn JSEvaluateScript(
        ctx: JSContextRef,
        script: JSStringRef,
        this: JSObjectRef,
        url: JSStringRef,
        line: c_int,
        exception: *mut JSValueRef,
    ) -> JSValueRef;

    pub(crate) fn JSStringCreateWithCharacters(chars: *const u16, length: usize) -> JSStringRef;
    pub(crate) fn JSStringCreateWithUTF8CString(chars: *const c_char) -> JSStringRef;
    pub(crate) fn JSStringRelease(string: JSStringRef);
    pub(crate) fn JSStringGetLength(string: JSStringRef) -> usize;
    pub(crate) fn JSStringGetCharactersPtr(string: JSStringRef) -> *const u16;

    pub(crate) fn JSValueGetType(ctx: JSContextRef, value: JSValueRef) -> c_uint;
    pub(crate) fn JSValueIsStrictEqual(ctx: JSContextRef, a: JSValueRef, b: JSValueRef) -> bool;
    pub(crate) fn JSValueMakeUndefined(ctx: JSContextRef) -> JSValueRef;
    pub(crate) fn JSValueMakeNull(ctx: JSContextRef) -> JSValueRef;
    pub(crate) fn JSValueMakeBoolean(ctx: JSContextRef, value: bool) -> JSValueRef;
    pub(crate) fn JSValueMakeNumber(ctx: JSContextRef, value: f64) -> JSValueRef;
    pub(crate) fn JSValueMakeString(ctx: JSContextRef, string: JSStringRef) -> JSValueRef;
    pub(crate) fn JSValueToBoolean(ctx: JSContextRef, value: JSValueRef) -> bool;
    pub(crate) fn JSValueToNumber(
        ctx: JSContextRef,
        value: JSValueRef,
        exception: *mut JSValueRef,
    ) -> f64;
    pub(crate) fn JSValueToStringCopy(
        ctx: JSContextRef,
        value: JSValueRef,
        exception: *mut JSValueRef,
    ) -> JSStringRef;
    pub(crate) fn JSValueProtect(ctx: JSContextRef, value: JSValueRef);
    pub(crate) fn JSValueUnprotect(ctx: JSContextRef, value: JSValueRef);

    pub(crate) fn JSClassCreate(definition: *const JSClassDefinition) -> JSClassRef;
    pub(crate) fn JSClassRelease(class: JSClassRef);
    pub(crate) fn JSObjectMake(
        ctx: JSContextRef,
        class: JSClassRef,
        data: *mut c_void,
    ) -> JSObjectRef;
    pub(crate) fn JSObjectMakeFunctionWithCallback(
        ctx: JSContextRef,
        name: JSStringRef,
        call: CallAsFunction,
    ) -> JSObjectRef;
    pub(crate) fn JSObjectMakeArray(
        ctx: JSContextRef,
        count: usize,
        items: *const JSValueRef,
        exception: *mut JSValueRef,
    ) -> JSObjectRef;
    pub(crate) fn JSObjectMakeDeferredPromise(
        ctx: JSContextRef,
        resolve: *mut JSObjectRef,
        reject: *mut JSObjectRef,
        exception: *mut JSValueRef,
    ) -> JSObjectRef;
    pub(crate) fn JSObjectMakeArrayBufferWithBytesNoCopy(
        ctx: JSContextRef,
        bytes: *mut c_void,
        length: usize,
        deallocate: unsafe extern "C" fn(*mut c_void, *mut c_void),
        context: *mut c_void,
        exception: *mut JSValueRef,
    ) -> JSObjectRef;
    pub(crate) fn JSObjectGetTypedArrayBytesPtr(
        ctx: JSContextRef,
        array: JSObjectRef,
        exception: *mut JSValueRef,
    ) -> *mut c_void;
    pub(crate) fn JSObjectGetTypedArrayByteLength(
        ctx: JSContextRef,
        array: JSObjectRef,
        exception: *mut JSValueRef,
    ) -> usize;
    pub(crate) fn JSObjectSetPrototype(
        ctx: JSContextRef,
        object: JSObjectRef,
        prototype: JSValueRef,
    );
    pub(crate) fn JSObjectGetProperty(
        ctx: JSContextRef,
        object: JSObjectRef,
        name: JSStringRef,
        exception: *mut JSValueRef,
    ) -> JSValueRef;
    pub(crate) fn JSObjectGetPropertyForKey(
        ctx: JSContextRef,
        object: JSObjectRef,
        key: JSValueRef,
        exception: *mut JSValueRef,
    ) -> JSValueRef;
    pub(crate) fn JSObjectGetPropertyAtIndex(
        ctx: JSContextRef,
        object: JSObjectRef,
        index: c_uint,
        exception: *mut JSValueRef,
    ) -> JSValueRef;
    pub(crate) fn JSObjectSetPropertyAtIndex(
        ctx: JSContextRef,
        object: JSObjectRef,
        index: c_uint,
        value: JSValueRef,
        exception: *mut JSValueRef,
    );
    pub(crate) fn JSObjectGetPrivate(object: JSObjectRef) -> *mut c_void;
    pub(crate) fn JSObjectIsFunction(ctx: JSContextRef, object: JSObjectRef) -> bool;
    pub(crate) fn JSObjectCallAsFunction(
        ctx: JSContextRef,
        function: JSObjectRef,
        this: JSObjectRef,
        count: usize,
        arguments: *const JSValueRef,
        exception: *mut JSValueRef,
    ) -> JSValueRef;
    pub(crate) fn JSObjectIsConstructor(ctx: JSContextRef, object: JSObjectRef) -> bool;
    pub(crate) fn JSObjectCallAsConstructor(
        ctx: JSContextRef,
        function: JSObjectRef,
        count: usize,
        arguments: *const JSValueRef,
        exception: *mut JSValueRef,
    ) -> JSObjectRef;
}

// What the library exports and WebKit installs no header for: `JSLockRefPrivate.h`, `JSBasePrivate.h` and
// `JSContextRefPrivate.h`. Where one is missing, nothing is linked.
unsafe extern "C" {
    /// Holds the engine: its microtasks run when the last lock goes.
    pub(crate) fn JSLock(ctx: JSContextRef);
    pub(crate) fn JSUnlock(ctx: JSContextRef);
    /// `JSGarbageCollect` only asks for a collection at some later time.
    pub(crate) fn JSSynchronousGarbageCollectForDebugging(ctx: JSContextRef);
    /// The only way to hear of rejections that nobody handles.
    pub(crate) fn JSGlobalContextSetUnhandledRejectionCallback(
        ctx: JSContextRef,
        function: JSObjectRef,
        exception: *mut JSValueRef,
    );
}
