//! Natively somebody has to drive the loop; that is all that the client doesn't do itself.

use dom_websocket::{Answer, EventLoop, Server};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

fn echo() -> String {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onrequest(|_| Answer::accept_with("chat"));
        server.set_onconnection(|socket, _| {
            socket.set_onmessage(|event| event.target().send(event.data()));
        });
        sender.send(server.local_addr()).unwrap();
        event_loop.run();
    });
    format!("ws://{}/", address.recv().unwrap())
}

#[test]
fn it_compiles_and_runs_as_it_is() {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let sink = lines.clone();
    dom_websocket_web::set_console(move |_, line| sink.borrow_mut().push(line.to_owned()));
    let url = echo();
    dom_websocket_web::run(|| dom_websocket_web_client::start(&url, "hello".into())).unwrap();
    assert_eq!(lines.take(), ["chat: hello", "closed: 4000"]);
}
