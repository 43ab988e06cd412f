//! `console`: log, info and debug on standard output, warn and error on standard error, or where
//! [`set_console`] says.

use crate::js_sys::Array;
use crate::wasm_bindgen::JsValue;
use std::cell::RefCell;
use std::io::Write;

type Sink = dyn Fn(&str, &str);

thread_local! {
    static SINK: RefCell<Option<std::rc::Rc<Sink>>> = const { RefCell::new(None) };
}

/// Sets who gets what this thread's [`console`](crate::web_sys::console) prints: the method's name, such as `"error"`,
/// and the line. A host's own log, for one. Why a connection failed comes as an `"error"` too.
///
/// ```
/// dom_websocket_web::set_console(|method, line| eprintln!("[{method}] {line}"));
/// ```
pub fn set_console(sink: impl Fn(&str, &str) + 'static) {
    let before = SINK.replace(Some(std::rc::Rc::new(sink)));
    drop(before);
}

pub(crate) fn print(method: &str, arguments: &[JsValue]) {
    let texts = arguments.iter().map(JsValue::to_console);
    write(method, &texts.collect::<Vec<_>>().join(" "));
}

pub(crate) fn write(method: &str, line: &str) {
    let sink = SINK.try_with(|sink| sink.borrow().clone()).ok().flatten();
    // Nobody is there to hear that it can't be printed.
    let _ = match (sink, method) {
        (Some(sink), _) => {
            sink(method, line);
            Ok(())
        }
        (None, "error" | "warn") => writeln!(std::io::stderr(), "{line}"),
        (None, _) => writeln!(std::io::stdout(), "{line}"),
    };
}

macro_rules! methods {
    ($($method:literal $array:ident $none:ident $one:ident $two:ident $three:ident $four:ident
        $five:ident $six:ident $seven:ident;)*) => {$(
        #[doc = concat!("`console.", $method, "(...data)`")]
        pub fn $array(data: &Array) {
            print($method, &data.to_vec());
        }

        #[doc = concat!("`console.", $method, "()`")]
        pub fn $none() {
            print($method, &[]);
        }

        #[doc = concat!("`console.", $method, "(a)`")]
        pub fn $one(data_1: &JsValue) {
            print($method, std::slice::from_ref(data_1));
        }

        #[doc = concat!("`console.", $method, "(a, b)`")]
        pub fn $two(data_1: &JsValue, data_2: &JsValue) {
            print($method, &[data_1.clone(), data_2.clone()]);
        }

        #[doc = concat!("`console.", $method, "(a, b, c)`")]
        pub fn $three(data_1: &JsValue, data_2: &JsValue, data_3: &JsValue) {
            print($method, &[data_1.clone(), data_2.clone(), data_3.clone()]);
        }

        #[doc = concat!("`console.", $method, "(a, b, c, d)`")]
        pub fn $four(data_1: &JsValue, data_2: &JsValue, data_3: &JsValue, data_4: &JsValue) {
            print($method, &[data_1, data_2, data_3, data_4].map(Clone::clone));
        }

        #[doc = concat!("`console.", $method, "(a, b, c, d, e)`")]
        pub fn $five(data_1: &JsValue, data_2: &JsValue, data_3: &JsValue, data_4: &JsValue, data_5: &JsValue) {
            print($method, &[data_1, data_2, data_3, data_4, data_5].map(Clone::clone));
        }

        #[doc = concat!("`console.", $method, "(a, b, c, d, e, f)`")]
        pub fn $six(
            data_1: &JsValue,
            data_2: &JsValue,
            data_3: &JsValue,
            data_4: &JsValue,
            data_5: &JsValue,
            data_6: &JsValue,
        ) {
            print($method, &[data_1, data_2, data_3, data_4, data_5, data_6].map(Clone::clone));
        }

        #[doc = concat!("`console.", $method, "(a, b, c, d, e, f, g)`")]
        pub fn $seven(
            data_1: &JsValue,
            data_2: &JsValue,
            data_3: &JsValue,
            data_4: &JsValue,
            data_5: &JsValue,
            data_6: &JsValue,
            data_7: &JsValue,
        ) {
            print($method, &[data_1, data_2, data_3, data_4, data_5, data_6, data_7].map(Clone::clone));
        }
    )*};
}

methods! {
    "log" log log_0 log_1 log_2 log_3 log_4 log_5 log_6 log_7;
    "info" info info_0 info_1 info_2 info_3 info_4 info_5 info_6 info_7;
    "debug" debug debug_0 debug_1 debug_2 debug_3 debug_4 debug_5 debug_6 debug_7;
    "warn" warn warn_0 warn_1 warn_2 warn_3 warn_4 warn_5 warn_6 warn_7;
    "error" error error_0 error_1 error_2 error_3 error_4 error_5 error_6 error_7;
}
