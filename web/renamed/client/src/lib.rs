//! Browser code of several files, in which no line names what compiles it natively: that is in `Cargo.toml`.

pub mod inbox;

use inbox::Inbox;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
// All at once, as some have it: nothing is ambiguous.
use web_sys::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn log(line: &str);

    /// The global object, in a page or in a worker.
    type Global;

    #[wasm_bindgen(method, getter, js_name = WebSocket)]
    fn web_socket(this: &Global) -> JsValue;
}

/// Sends a word, and logs what comes back and how it ended.
#[wasm_bindgen]
pub fn start(url: &str, word: String) -> Result<(), JsValue> {
    let global: Global = js_sys::global().unchecked_into();
    if global.web_socket().is_undefined() {
        return Err("there are no WebSockets here".into());
    }
    let protocols = Array::of1(&"chat".into());
    let socket = WebSocket::new_with_str_sequence(url, &protocols)?;
    socket.set_binary_type(BinaryType::Arraybuffer);
    let inbox = Inbox::new(&socket)?;
    let onopen = Closure::once_into_js({
        let socket = socket.clone();
        move || socket.send_with_str(&word)
    });
    socket.set_onopen(Some(onopen.unchecked_ref()));
    let onclose = Closure::<dyn FnMut(CloseEvent)>::new(|event: CloseEvent| {
        log(&format!("closed: {}", event.code()));
    });
    socket.set_onclose(Some(onclose.as_ref().unchecked_ref()));
    onclose.forget();
    spawn_local(async move {
        let text = inbox.next().await.unwrap_throw();
        log(&format!("{}: {text}", socket.protocol()));
        socket.close_with_code(4000).unwrap_throw();
    });
    Ok(())
}
