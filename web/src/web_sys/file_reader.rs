//! `FileReader` (File API section 6.2).

use super::blob::read_result;
use super::{
    Blob, DomException, EventTarget, Listeners, ProgressEvent, ProgressEventInit, handlers,
};
use crate::event_loop::{script, try_event_loop};
use crate::js_sys::{ArrayBuffer, Function, Object};
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

class! {
    /// Reads a [`Blob`], and tells by events.
    FileReader: EventTarget, Object;
    |value| value.host::<ReaderHost>().is_some()
}

#[derive(Default)]
struct ReaderHost {
    listeners: Rc<Listeners>,
    ready_state: Cell<u16>,
    result: RefCell<JsValue>,
    error: RefCell<Option<DomException>>,
    /// Which read this is: one that was aborted ends without effect.
    read: Cell<u64>,
}

impl Host for ReaderHost {
    fn class(&self) -> &'static str {
        "FileReader"
    }

    fn attribute(&self, name: &str) -> Option<JsValue> {
        match name {
            "readyState" => Some(self.ready_state.get().into()),
            "result" => Some(self.result.borrow().clone()),
            "error" => {
                let error = self.error.borrow();
                Some(error.as_ref().map_or(JsValue::NULL, JsValue::from))
            }
            _ => None,
        }
    }

    fn listeners(&self) -> Option<&Rc<Listeners>> {
        Some(&self.listeners)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

type Convert = fn(&[u8]) -> JsValue;

impl FileReader {
    /// [`ready_state`](Self::ready_state): nothing was to be read yet.
    pub const EMPTY: u16 = 0;
    /// [`ready_state`](Self::ready_state): it reads.
    pub const LOADING: u16 = 1;
    /// [`ready_state`](Self::ready_state): it has read.
    pub const DONE: u16 = 2;

    /// `new FileReader()`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new() -> Result<Self, JsValue> {
        let reader = ReaderHost::default();
        reader.result.replace(JsValue::NULL);
        Ok(JsValue::of(reader).unchecked_into())
    }

    fn reader(&self) -> &ReaderHost {
        let host = self.host::<ReaderHost>();
        host.expect("TypeError: this is not a FileReader")
    }

    /// [`EMPTY`](Self::EMPTY), [`LOADING`](Self::LOADING) or [`DONE`](Self::DONE).
    pub fn ready_state(&self) -> u16 {
        self.reader().ready_state.get()
    }

    /// What was read; `null` until then.
    ///
    /// # Errors
    ///
    /// None.
    pub fn result(&self) -> Result<JsValue, JsValue> {
        Ok(self.reader().result.borrow().clone())
    }

    /// Why it wasn't read.
    pub fn error(&self) -> Option<DomException> {
        self.reader().error.borrow().clone()
    }

    /// Reads a blob into an `ArrayBuffer`.
    ///
    /// # Errors
    ///
    /// "InvalidStateError" while it reads.
    pub fn read_as_array_buffer(&self, blob: &Blob) -> Result<(), JsValue> {
        self.read(blob, |bytes| ArrayBuffer::of_bytes(bytes.to_vec()).into())
    }

    /// Reads a blob into a string.
    ///
    /// # Errors
    ///
    /// "InvalidStateError" while it reads.
    pub fn read_as_text(&self, blob: &Blob) -> Result<(), JsValue> {
        self.read(blob, |bytes| {
            JsValue::from(String::from_utf8_lossy(bytes).into_owned())
        })
    }

    /// Reads a blob into a string of so many characters as it has bytes.
    ///
    /// # Errors
    ///
    /// "InvalidStateError" while it reads.
    pub fn read_as_binary_string(&self, blob: &Blob) -> Result<(), JsValue> {
        self.read(blob, |bytes| {
            JsValue::from(
                bytes
                    .iter()
                    .map(|byte| char::from(*byte))
                    .collect::<String>(),
            )
        })
    }

    fn read(&self, blob: &Blob, convert: Convert) -> Result<(), JsValue> {
        let reader = self.reader();
        if self.ready_state() == Self::LOADING {
            return Err(DomException::of("InvalidStateError", "it reads already".into()).into());
        }
        let Some(event_loop) = try_event_loop() else {
            return Ok(());
        };
        reader.ready_state.set(Self::LOADING);
        reader.result.replace(JsValue::NULL);
        reader.error.replace(None);
        let read = reader.read.get() + 1;
        reader.read.set(read);
        let (this, size) = (self.clone(), blob.blob().size());
        event_loop.queue_task(move || {
            if this.is_reading(read) {
                this.progress("loadstart", 0, size);
            }
        });
        let (this, blob, weak_loop) = (self.clone(), blob.blob().clone(), event_loop.downgrade());
        event_loop.spawn(async move {
            let result = read_result(blob.read().await);
            if let Some(event_loop) = weak_loop.upgrade() {
                event_loop.queue_task(move || this.finish(read, result, convert));
            }
        });
        Ok(())
    }

    /// Whether this read has neither ended nor been aborted.
    fn is_reading(&self, read: u64) -> bool {
        self.reader().read.get() == read && self.ready_state() == Self::LOADING
    }

    fn finish(&self, read: u64, result: Result<Rc<Vec<u8>>, DomException>, convert: Convert) {
        let reader = self.reader();
        if !self.is_reading(read) {
            return;
        }
        let size = result.as_ref().map_or(0, |bytes| bytes.len());
        reader.ready_state.set(Self::DONE);
        let outcome = match result {
            Ok(bytes) => {
                reader.result.replace(convert(&bytes));
                "load"
            }
            Err(error) => {
                reader.error.replace(Some(error));
                "error"
            }
        };
        self.progress(outcome, size, size);
        // A listener may have begun the next read.
        if self.ready_state() != Self::LOADING {
            self.progress("loadend", size, size);
        }
    }

    fn progress(&self, type_: &str, loaded: usize, total: usize) {
        let init = ProgressEventInit::new();
        init.set_length_computable(true);
        init.set_loaded(loaded as f64);
        init.set_total(total as f64);
        if let Ok(event) = ProgressEvent::new_with_event_init_dict(type_, &init) {
            self.fire(&event);
        }
    }

    /// Ends a read: its events are `abort` and `loadend`.
    pub fn abort(&self) {
        let reader = self.reader();
        reader.result.replace(JsValue::NULL);
        if self.ready_state() != Self::LOADING {
            return;
        }
        reader.ready_state.set(Self::DONE);
        reader.read.set(reader.read.get() + 1);
        script(|| {
            self.progress("abort", 0, 0);
            if self.ready_state() != Self::LOADING {
                self.progress("loadend", 0, 0);
            }
        });
    }
}

handlers! {
    FileReader:
    "loadstart" onloadstart set_onloadstart;
    "load" onload set_onload;
    "abort" onabort set_onabort;
    "error" onerror set_onerror;
    "loadend" onloadend set_onloadend;
}
