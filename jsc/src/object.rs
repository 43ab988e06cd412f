//! What objects of the C API carry: it is Rust's, and goes with them.

use crate::ffi::*;
use crate::function::{self, HostFunction};
use std::any::Any;
use std::cell::RefCell;
use std::ptr::{null, null_mut};
use std::rc::Rc;

/// The data of an object of [`Classes`].
pub(crate) enum Data {
    /// The host-defined value of the object that holds this one.
    HostDefined(Rc<dyn Any>),
    /// What a function calls.
    Function(HostFunction),
}

/// The kinds of object that carry data.
struct Classes {
    value: JSClassRef,
    function: JSClassRef,
    constructor: JSClassRef,
}

thread_local! {
    static CLASSES: Classes = Classes::new();
    /// The data of objects that are gone.
    static GRAVEYARD: RefCell<Vec<Data>> = const { RefCell::new(Vec::new()) };
}

impl Classes {
    fn new() -> Self {
        let value = JSClassDefinition {
            version: 0,
            attributes: NO_AUTOMATIC_PROTOTYPE,
            class_name: c"Object".as_ptr(),
            parent: null_mut(),
            static_values: null(),
            static_functions: null(),
            initialize: null(),
            finalize: Some(finalize),
            has_property: null(),
            get_property: null(),
            set_property: null(),
            delete_property: null(),
            get_property_names: null(),
            call_as_function: None,
            call_as_constructor: None,
            has_instance: null(),
            convert_to_type: null(),
        };
        let function = JSClassDefinition {
            class_name: c"Function".as_ptr(),
            call_as_function: Some(function::call),
            ..value
        };
        let constructor = JSClassDefinition {
            call_as_constructor: Some(function::construct),
            ..function
        };
        // SAFETY: the definitions are as the header has them, and are copied.
        unsafe {
            Self {
                value: JSClassCreate(&value),
                function: JSClassCreate(&function),
                constructor: JSClassCreate(&constructor),
            }
        }
    }
}

impl Drop for Classes {
    fn drop(&mut self) {
        for class in [self.value, self.function, self.constructor] {
            // SAFETY: it is ours. Objects of a class count it too.
            unsafe { JSClassRelease(class) };
        }
    }
}

/// An object that carries data.
///
/// # Safety
///
/// The context is alive.
pub(crate) unsafe fn make(ctx: JSContextRef, data: Data) -> JSObjectRef {
    let class = CLASSES.with(|classes| match &data {
        Data::HostDefined(_) => classes.value,
        Data::Function(function) if function.is_constructor => classes.constructor,
        Data::Function(_) => classes.function,
    });
    let data = Box::into_raw(Box::new(data));
    // SAFETY: the context is alive by the caller's word; `finalize` takes the data back.
    unsafe { JSObjectMake(ctx, class, data.cast()) }
}

/// The data of an object.
///
/// # Safety
///
/// The object is of [`make`], and is alive for as long as the data is in use.
pub(crate) unsafe fn data<'a>(object: JSObjectRef) -> &'a Data {
    // SAFETY: it is what `make` gave, and nobody changes it.
    unsafe { &*JSObjectGetPrivate(object).cast::<Data>() }
}

/// What goes with an object is dropped once the engine is done collecting: it may be a host's closure, which has who
/// knows what.
unsafe extern "C" fn finalize(object: JSObjectRef) {
    // SAFETY: the object is one of `make`, and this is called once.
    let data = unsafe { Box::from_raw(JSObjectGetPrivate(object).cast::<Data>()) };
    let mut data = Some(*data);
    let buried = GRAVEYARD.try_with(|graveyard| {
        if let (Ok(mut graveyard), Some(data)) = (graveyard.try_borrow_mut(), data.take()) {
            graveyard.push(data);
        }
    });
    if buried.is_err() {
        // The thread is on its way out: nothing may be entered any more.
        std::mem::forget(data);
    }
}

/// Drops the data of objects that are gone. The engine is not in use.
pub(crate) fn bury() {
    // A thread on its way out has no graveyard.
    while let Ok(Some(data)) = GRAVEYARD.try_with(|graveyard| graveyard.borrow_mut().pop()) {
        drop(data);
    }
}
