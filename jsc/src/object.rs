//! What objects of the C API carry: it is Rust's, and goes with them.

use crate::ffi::*;
use std::any::Any;
use std::cell::RefCell;
use std::ptr::{null, null_mut};
use std::rc::Rc;

/// The data of an object. Whatever has to be done when the object goes is its `Drop`.
type Data = Rc<dyn Any>;

thread_local! {
    static CLASS: Class = Class::new();
    /// The data of objects that are gone.
    static GRAVEYARD: RefCell<Vec<Data>> = const { RefCell::new(Vec::new()) };
}

/// The kind of object that carries data.
struct Class(JSClassRef);

impl Class {
    fn new() -> Self {
        let definition = JSClassDefinition {
            version: 0,
            attributes: NO_AUTOMATIC_PROTOTYPE,
            class_name: null(),
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
            call_as_function: null(),
            call_as_constructor: null(),
            has_instance: null(),
            convert_to_type: null(),
        };
        // SAFETY: the definition is as the header has it, and is copied.
        Self(unsafe { JSClassCreate(&definition) })
    }
}

impl Drop for Class {
    fn drop(&mut self) {
        // SAFETY: it is ours. Objects of a class count it too.
        unsafe { JSClassRelease(self.0) };
    }
}

/// An object that carries data. No script gets to see it.
///
/// # Safety
///
/// The context is alive.
pub(crate) unsafe fn make(ctx: JSContextRef, data: Data) -> JSObjectRef {
    let data = Box::into_raw(Box::new(data));
    // SAFETY: the context is alive by the caller's word; `finalize` takes the data back.
    CLASS.with(|class| unsafe { JSObjectMake(ctx, class.0, data.cast()) })
}

/// The data of an object.
///
/// # Safety
///
/// The object is of [`make`], and is alive.
pub(crate) unsafe fn data(object: JSObjectRef) -> Data {
    // SAFETY: it is what `make` gave, and nobody changes it.
    unsafe { (*JSObjectGetPrivate(object).cast::<Data>()).clone() }
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
