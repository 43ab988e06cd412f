//! A client whose events are a stream of their own beside the messages: futures that callbacks wake, a queue in a
//! `RefCell`, handlers that are taken off when it is dropped, `DomException` by its code.

use crate::server;
use dom_websocket_web::{block_on, js_sys, wasm_bindgen, wasm_bindgen_futures, web_sys};
use futures::StreamExt;
use futures::channel::mpsc;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use wasm_bindgen::{JsCast, JsValue, UnwrapThrowExt, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{BinaryType, DomException, MessageEvent, WebSocket};

#[derive(Clone, Debug, PartialEq)]
enum Change {
    Open,
    Error,
    Closed(u16, String),
}

type Observers = Rc<RefCell<Vec<mpsc::UnboundedSender<Change>>>>;

fn notify(observers: &Observers, change: Change) {
    let observers = observers.clone();
    spawn_local(async move {
        observers.borrow().iter().for_each(|observer| {
            let _ = observer.unbounded_send(change.clone());
        });
    });
}

fn observe(observers: &Observers) -> mpsc::UnboundedReceiver<Change> {
    let (sender, receiver) = mpsc::unbounded();
    observers.borrow_mut().push(sender);
    receiver
}

struct Client {
    ws: Rc<WebSocket>,
    observers: Observers,
    queue: Rc<RefCell<VecDeque<Vec<u8>>>>,
    waker: Rc<RefCell<Option<Waker>>>,
    _on_open: Closure<dyn FnMut()>,
    _on_error: Closure<dyn FnMut()>,
    _on_close: Closure<dyn FnMut(web_sys::CloseEvent)>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Client {
    async fn connect(url: &str, protocols: &[&str]) -> Result<Self, String> {
        let list = protocols.iter().fold(Array::new(), |list, protocol| {
            list.push(&JsValue::from_str(protocol));
            list
        });
        let ws = match WebSocket::new_with_str_sequence(url, &list) {
            Ok(ws) => Rc::new(ws),
            Err(e) => {
                let exception: &DomException = e.unchecked_ref();
                return match exception.code() {
                    DomException::SYNTAX_ERR => Err(format!("not a URL: {url}")),
                    _ => Err(exception.message()),
                };
            }
        };
        let observers = Observers::default();
        let [opened, failed, closed] = [(); 3].map(|()| observers.clone());
        let on_open =
            Closure::wrap(Box::new(move || notify(&opened, Change::Open)) as Box<dyn FnMut()>);
        let on_error =
            Closure::wrap(Box::new(move || notify(&failed, Change::Error)) as Box<dyn FnMut()>);
        let on_close = Closure::wrap(Box::new(move |event: web_sys::CloseEvent| {
            notify(&closed, Change::Closed(event.code(), event.reason()));
        }) as Box<dyn FnMut(web_sys::CloseEvent)>);
        let queue = Rc::new(RefCell::new(VecDeque::new()));
        let waker = Rc::new(RefCell::new(None::<Waker>));
        let (filled, woken) = (queue.clone(), waker.clone());
        let on_message = Closure::wrap(Box::new(move |event: MessageEvent| {
            match event.data() {
                data if data.is_instance_of::<ArrayBuffer>() => {
                    let buffer = Uint8Array::new(data.unchecked_ref());
                    let mut bytes = vec![0; buffer.length() as usize];
                    buffer.copy_to(&mut bytes);
                    filled.borrow_mut().push_back(bytes);
                }
                data if data.is_string() => {
                    let text = data.as_string().unwrap_throw();
                    filled.borrow_mut().push_back(text.into_bytes());
                }
                data => panic!("{data:?}"),
            }
            if let Some(waker) = woken.borrow_mut().take() {
                waker.wake();
            }
        }) as Box<dyn FnMut(MessageEvent)>);
        ws.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        ws.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        ws.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        ws.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let mut changes = observe(&observers);
        loop {
            match changes.next().await.expect_throw("a change") {
                Change::Open => break,
                Change::Error => {}
                Change::Closed(code, _) => return Err(format!("closed with {code}")),
            }
        }
        ws.set_binary_type(BinaryType::Arraybuffer);
        Ok(Self {
            ws,
            observers,
            queue,
            waker,
            _on_open: on_open,
            _on_error: on_error,
            _on_close: on_close,
            _on_message: on_message,
        })
    }

    async fn next(&self) -> Vec<u8> {
        poll_fn(|cx| match self.queue.borrow_mut().pop_front() {
            Some(message) => Poll::Ready(message),
            None => {
                self.waker.replace(Some(cx.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }

    async fn close(&self, code: u16, reason: &str) -> Result<Change, String> {
        let mut changes = observe(&self.observers);
        let closing = self.ws.close_with_code_and_reason(code, reason);
        closing.map_err(|thrown| thrown.unchecked_into::<DomException>().name())?;
        Ok(changes.next().await.expect_throw("a close event"))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if self.ws.ready_state() < WebSocket::CLOSING {
            self.ws.close().expect("close");
        }
        self.ws.set_onmessage(None);
        self.ws.set_onerror(None);
        self.ws.set_onopen(None);
        self.ws.set_onclose(None);
    }
}

#[test]
fn messages_and_changes_are_streams() {
    let url = server::echo();
    block_on(async move {
        let client = Client::connect(&url, &["chat"]).await.unwrap();
        assert_eq!(client.ws.protocol(), "chat");
        client.ws.send_with_str("text").unwrap();
        client
            .ws
            .send_with_js_u8_array(&Uint8Array::from(&[1u8, 2][..]))
            .unwrap();
        assert_eq!(client.next().await, b"text");
        assert_eq!(client.next().await, [1, 2]);
        assert_eq!(
            client.close(500, "").await,
            Err("InvalidAccessError".into())
        );
        let closed = client.close(4001, "done").await;
        assert!(matches!(closed, Ok(Change::Closed(4001, _))), "{closed:?}");
    });
}

#[test]
fn what_keeps_it_from_opening_is_told() {
    let refused = server::nowhere();
    block_on(async move {
        let error = Client::connect("nonsense", &[]).await.err();
        assert_eq!(error.unwrap(), "not a URL: nonsense");
        let error = Client::connect(&refused, &[]).await.err();
        assert_eq!(error.unwrap(), "closed with 1006");
    });
}

#[test]
fn one_that_is_dropped_lets_the_loop_end() {
    let url = server::echo();
    dom_websocket_web::run(|| {
        spawn_local(async move {
            let client = Client::connect(&url, &[]).await.unwrap();
            client.ws.send_with_str("unheard").unwrap();
        });
    });
}
