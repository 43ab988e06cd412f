//! What a program sees is the same as native code and in a browser: these tests run in both.
//!
//! In a browser they talk to `portable --listen`, whose address is `PEER` when they are compiled.

use dom_websocket::{
    AbortController, BinaryType, Blob, Document, DomException, EventLoop, Limits, Message,
    TrySendError, UserAgent, WebSocket, WebSocketStream,
};
use futures::channel::oneshot;
use futures::{SinkExt, StreamExt};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// Each is a test of the platform's own kind.
macro_rules! tests {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {
        mod tests {
            use super::*;
            $(
                $(#[$attribute])*
                #[cfg(not(target_family = "wasm"))]
                #[test]
                fn $name() {
                    let event_loop = EventLoop::new();
                    let server = portable::listen(&event_loop, "127.0.0.1:0").unwrap();
                    let peer = server.local_addr().to_string();
                    futures::executor::block_on(drive(event_loop, peer, cases::$name, move || server.close()));
                }

                $(#[$attribute])*
                #[cfg(target_family = "wasm")]
                #[wasm_bindgen_test::wasm_bindgen_test]
                async fn $name() {
                    drive(EventLoop::new(), env!("PEER").to_owned(), cases::$name, || ()).await;
                }
            )*
        }

        mod cases {
            use super::*;
            $(
                $(#[$attribute])*
                pub(super) async fn $name($world: World) $body
            )*
        }
    };
}

/// Runs a case as a program would run its own: `run()` blocks, or has the browser go on.
async fn drive<F: Future<Output = ()> + 'static>(
    event_loop: EventLoop,
    peer: String,
    case: impl FnOnce(World) -> F,
    end: impl FnOnce() + 'static,
) {
    let (done, is_done) = oneshot::channel();
    let world = World {
        event_loop: event_loop.clone(),
        peer,
        log: Rc::default(),
    };
    let case = case(world);
    event_loop.spawn(async move {
        case.await;
        end();
        let _ = done.send(());
    });
    event_loop.run();
    assert_eq!(is_done.await, Ok(()), "the loop has ended before the test");
}

/// What a test has.
struct World {
    event_loop: EventLoop,
    peer: String,
    log: Rc<RefCell<Vec<String>>>,
}

impl World {
    fn url(&self, path: &str) -> String {
        format!("ws://{}/{path}", self.peer)
    }

    fn open(&self, path: &str) -> WebSocket {
        self.follow(WebSocket::new(&self.event_loop, &self.url(path)).unwrap())
    }

    /// Writes each event down.
    fn follow(&self, socket: WebSocket) -> WebSocket {
        let say = self.say();
        socket.set_onopen(move |event| say(format!("open {}", event.target().ready_state())));
        let say = self.say();
        socket.set_onmessage(move |event| say(format!("message {}", event.data())));
        let say = self.say();
        socket.set_onerror(move |event| say(format!("error {}", event.target().ready_state())));
        let say = self.say();
        socket.set_onclose(move |event| {
            let (clean, code, reason) = (event.was_clean(), event.code(), event.reason());
            say(format!("close {clean} {code} {reason}"));
        });
        socket
    }

    fn say(&self) -> impl Fn(String) + use<> {
        let log = self.log.clone();
        move |line| log.borrow_mut().push(line)
    }

    /// Ends once the last line begins so.
    async fn until(&self, last: &str) -> Vec<String> {
        let is_there = |line: &String| line.starts_with(last);
        // Who waits in vain has a test that fails in place of one that never ends.
        for _ in 0..5000 {
            if self.log.borrow().last().is_some_and(is_there) {
                return self.log.borrow().clone();
            }
            self.event_loop.sleep(Duration::from_millis(2)).await;
        }
        panic!("{last:?} does not follow {:?}", self.log.borrow());
    }
}

fn failed<T>(result: Result<T, DomException>) -> &'static str {
    result.err().map_or("nothing failed", |error| error.name())
}

tests! {
    async fn the_example_talks(world: World) {
        let say = world.say();
        let _socket = portable::talk(&world.event_loop, &world.url(""), move |line| say(line.to_owned()));
        let lines = ["open", "message hello", "close, wasClean true, code 4000 "];
        assert_eq!(world.until("close").await, lines);
    }

    async fn events_come_in_order(world: World) {
        let socket = world.open("");
        assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
        assert_eq!(failed(socket.send("too early")), "InvalidStateError");
        world.until("open").await;
        assert_eq!((socket.protocol().as_str(), socket.url()), ("", world.url("").as_str()));
        assert_eq!(socket.send("Grüße!"), Ok(true));
        assert_eq!(socket.send(""), Ok(true));
        world.until("message").await;
        socket.close_with(4000, "bye").unwrap();
        assert_eq!(socket.ready_state(), WebSocket::CLOSING);
        assert_eq!(socket.send("too late"), Ok(false));
        assert_eq!(socket.buffered_amount(), 8);
        let events = world.until("close").await;
        assert_eq!(events[..2], ["open 1", "message Grüße!"]);
        assert_eq!(events.last().unwrap(), "close true 4000 ");
        assert_eq!(socket.ready_state(), WebSocket::CLOSED);
    }

    async fn messages_have_the_origin_of_the_server(world: World) {
        let socket = world.open("echo?query");
        let say = world.say();
        socket.set_onopen(|event| event.target().send("hello"));
        socket.set_onmessage(move |event| say(format!("origin {}", event.origin())));
        assert_eq!(world.until("origin").await, [format!("origin ws://{}", world.peer)]);
        socket.close();
        world.until("close").await;
    }

    async fn bytes_come_as_what_is_asked_for(world: World) {
        let socket = world.open("");
        let say = world.say();
        socket.set_onmessage(move |event| say(format!("message {:?} {}", event.data().as_bytes(), event.data())));
        world.until("open").await;
        socket.send([1, 2, 255]).unwrap();
        world.until("message").await;
        socket.set_binary_type(BinaryType::ArrayBuffer);
        socket.send(Blob::new([0])).unwrap();
        world.until("message Some([0])").await;
        socket.send(Blob::unread(2, async { Ok(vec![7, 8]) })).unwrap();
        socket.close();
        let events = world.until("close").await;
        assert_eq!(events[1..3], [
            "message Some([1, 2, 255]) [Blob of 3 bytes]",
            "message Some([0]) [ArrayBuffer of 1 bytes]",
        ]);
        assert_eq!(events.last().unwrap(), "close true 1005 ");
    }

    async fn a_server_closes_with_its_words(world: World) {
        let _socket = world.open("leave");
        assert_eq!(world.until("close").await, ["open 1", "close true 4001 had enough"]);
    }

    async fn a_subprotocol_is_agreed_on(world: World) {
        let url = world.url("");
        let socket = WebSocket::builder(&world.event_loop, &url).protocols(["chat", "superchat"]).open().unwrap();
        let socket = world.follow(socket);
        world.until("open").await;
        assert_eq!(socket.protocol(), "chat");
        socket.close();
        world.until("close").await;
    }

    async fn a_connection_that_fails_is_an_error_and_a_close(world: World) {
        // Both block this port.
        let socket = WebSocket::new(&world.event_loop, "ws://127.0.0.1:1/").unwrap();
        let _socket = world.follow(socket);
        assert_eq!(world.until("close").await, ["error 3", "close false 1006 "]);
    }

    async fn arguments_are_checked(world: World) {
        let open = |url: &str| WebSocket::new(&world.event_loop, url);
        assert_eq!(failed(open("ftp://example.com/")), "SyntaxError");
        assert_eq!(failed(open("ws://example.com/#fragment")), "SyntaxError");
        assert_eq!(failed(open("ws://example.com:99999/")), "SyntaxError");
        let url = world.url("");
        let twice = WebSocket::builder(&world.event_loop, &url).protocols(["a", "A"]).open();
        assert_eq!(failed(twice), "SyntaxError");
        let socket = world.open("");
        world.until("open").await;
        assert_eq!(failed(socket.close_with(1001, "")), "InvalidAccessError");
        assert_eq!(failed(socket.close_with(3000, &"x".repeat(124))), "SyntaxError");
        socket.close_with(3000, &"x".repeat(123)).unwrap();
        world.until("close true 3000").await;
    }

    async fn a_close_before_the_opening_is_a_failure(world: World) {
        let socket = world.open("");
        socket.close();
        assert_eq!(socket.ready_state(), WebSocket::CLOSING);
        assert_eq!(world.until("close").await, ["error 3", "close false 1006 "]);
    }

    async fn nothing_is_attempted_where_the_signal_is_aborted(world: World) {
        let (url, controller) = (world.url(""), AbortController::new());
        let mut builder = WebSocket::builder(&world.event_loop, &url);
        let stream = builder.signal(&controller.signal()).open_stream().unwrap();
        controller.abort();
        assert_eq!(stream.opened().await.unwrap_err().name(), "AbortError");
    }

    async fn a_stream_reads_and_writes(world: World) {
        let stream = WebSocketStream::new(&world.event_loop, &world.url("")).unwrap();
        let mut ends = stream.opened().await.unwrap();
        for message in [Message::from("text"), Message::from(vec![1, 2, 3])] {
            ends.writable.send(message.clone()).await.unwrap();
            assert_eq!(ends.readable.next().await.unwrap().unwrap(), message);
        }
        stream.close((4000, "enough")).unwrap();
        let end = stream.closed().await.unwrap();
        assert_eq!((end.close_code, end.reason.as_str()), (Some(4000), ""));
        assert!(ends.writable.send(Message::from("late")).await.is_err());
    }

    async fn a_socket_becomes_a_stream(world: World) {
        let socket = world.open("");
        world.until("open").await;
        socket.send("for the stream").unwrap();
        let stream = socket.into_stream().unwrap();
        let mut ends = stream.opened().await.unwrap();
        let message = ends.readable.next().await.unwrap().unwrap();
        assert_eq!(message.as_text(), Some("for the stream"));
    }

    async fn who_waits_for_room_gets_it(world: World) {
        const LEN: usize = 256 * 1024;
        const COUNT: usize = 16;
        let user_agent = UserAgent::builder()
            .limits(Limits { high_water: LEN, ..Limits::default() })
            .build();
        let url = world.url("");
        let socket = WebSocket::builder(&world.event_loop, &url).user_agent(&user_agent).open().unwrap();
        let received = Rc::new(Cell::new(0));
        let counted = received.clone();
        socket.set_onmessage(move |event| counted.set(counted.get() + event.data().as_bytes().unwrap().len()));
        assert_eq!(socket.try_send("x"), Err(TrySendError::WouldBlock("x")));
        for _ in 0..COUNT {
            assert!(socket.room_for(LEN).await);
            socket.try_send(vec![1; LEN]).unwrap();
            assert!(socket.buffered_amount() <= LEN + 1024);
        }
        while received.get() < LEN * COUNT {
            world.event_loop.sleep(Duration::from_millis(5)).await;
        }
        socket.close();
        assert!(!socket.room_for(1).await);
    }

    async fn a_full_queue_fails_the_connection(world: World) {
        let limits = Limits { send_queue: 1000, ..Limits::default() };
        let user_agent = UserAgent::builder().limits(limits).build();
        let url = world.url("");
        let socket = WebSocket::builder(&world.event_loop, &url).user_agent(&user_agent).open().unwrap();
        let socket = world.follow(socket);
        world.until("open").await;
        assert_eq!(socket.try_send(vec![0; 1001]), Err(TrySendError::TooLong(vec![0; 1001])));
        assert_eq!(socket.send(vec![0; 1001]), Ok(false));
        assert_eq!(world.until("close").await, ["open 1", "error 3", "close false 1006 "]);
    }

    async fn a_remote_socket_sends(world: World) {
        let socket = world.open("");
        let remote = socket.remote();
        remote.try_send("queued").unwrap();
        world.until("message queued").await;
        remote.close_with(4002, "from afar").unwrap();
        assert_eq!(world.until("close").await, ["open 1", "message queued", "close true 4002 "]);
    }

    async fn no_event_follows_the_end_of_a_document(world: World) {
        let (url, document) = (world.url(""), Document::default());
        let socket = WebSocket::builder(&world.event_loop, &url).document(&document).open().unwrap();
        let socket = world.follow(socket);
        world.until("open").await;
        assert!(!document.unload());
        let other = world.open("leave");
        world.until("close true 4001").await;
        let events = world.log.borrow().clone();
        assert_eq!(events, ["open 1", "open 1", "close true 4001 had enough"]);
        drop((socket, other));
    }

    async fn an_opaque_document_is_no_page(world: World) {
        for document in [Document::new("null").unwrap(), Document::with_origin("about:blank", "null").unwrap()] {
            assert_eq!(document.origin(), "null");
            let relative = WebSocket::builder(&world.event_loop, "/chat").document(&document).open();
            assert_eq!(failed(relative), "SyntaxError");
        }
        assert_eq!(Document::new("null").unwrap().url(), None);
    }

    async fn a_loop_takes_its_sockets_along(world: World) {
        let event_loop = EventLoop::new();
        let socket = WebSocket::new(&event_loop, &world.url("")).unwrap();
        event_loop.turn();
        drop(event_loop);
        assert_eq!(socket.ready_state(), WebSocket::CLOSED);
    }

    async fn no_message_comes_once_it_closes(world: World) {
        let socket = world.open("");
        let say = world.say();
        socket.set_onmessage(move |event| {
            say(format!("message {}", event.data()));
            event.target().close();
        });
        world.until("open").await;
        for message in ["first", "second", "third"] {
            socket.send(message).unwrap();
        }
        assert_eq!(world.until("close").await, ["open 1", "message first", "close true 1005 "]);
    }

    async fn a_blob_that_is_still_read_keeps_its_place(world: World) {
        let socket = world.open("");
        let pause = world.event_loop.sleep(Duration::from_millis(5));
        let read = async move {
            pause.await;
            Ok(vec![7])
        };
        world.until("open").await;
        socket.send(Blob::unread(1, read)).unwrap();
        socket.send("behind it").unwrap();
        assert_eq!(socket.buffered_amount(), 10);
        let events = world.until("message behind it").await;
        assert_eq!(events[1..], ["message [Blob of 1 bytes]", "message behind it"]);
        socket.close();
        world.until("close").await;
    }

    async fn a_socket_that_nobody_has_keeps_no_loop(world: World) {
        let event_loop = EventLoop::new();
        let socket = WebSocket::new(&event_loop, &world.url("")).unwrap();
        let (tell, told) = oneshot::channel();
        let tell = Cell::new(Some(tell));
        socket.set_onopen(move |event| {
            event.target().clear_onopen();
            tell.take().unwrap().send(()).unwrap();
        });
        drop(socket);
        event_loop.until_idle().await;
        assert_eq!(told.await, Ok(()));
    }

    async fn what_keeps_a_loop_is_waited_for(world: World) {
        let (event_loop, say) = (EventLoop::new(), world.say());
        let (work, handle) = (event_loop.keep_alive(), event_loop.handle());
        world.event_loop.spawn(async move {
            assert!(handle.queue_task(move || drop(work)));
            say("queued".to_owned());
        });
        event_loop.until_idle().await;
        assert_eq!(world.until("queued").await, ["queued"]);
    }

    async fn a_listener_that_fails_ends_nothing(world: World) {
        let socket = world.open("");
        // It is called before the other, which comes behind it now.
        socket.clear_onmessage();
        socket.add_event_listener("message", |event| event.target().close_with(12, ""));
        let socket = world.follow(socket);
        world.until("open").await;
        socket.send("hello").unwrap();
        world.until("message hello").await;
        socket.close();
        world.until("close true 1005").await;
    }

    async fn tasks_run_in_order(world: World) {
        let say = world.say();
        world.event_loop.queue_task(move || say("first".to_owned()));
        let say = world.say();
        world.event_loop.queue_task(move || say("second".to_owned()));
        assert_eq!(world.until("second").await, ["first", "second"]);
    }

    /// Or the browser would stand still.
    async fn a_chain_of_tasks_lets_others_have_a_turn(world: World) {
        fn chain(event_loop: &EventLoop, is_over: Rc<Cell<bool>>) {
            let weak = event_loop.downgrade();
            event_loop.queue_task(move || {
                if let (Some(event_loop), false) = (weak.upgrade(), is_over.get()) {
                    chain(&event_loop, is_over);
                }
            });
        }
        let is_over = Rc::new(Cell::new(false));
        chain(&world.event_loop, is_over.clone());
        let socket = world.open("leave");
        world.until("close").await;
        is_over.set(true);
        drop(socket);
    }
}

/// A page's own address is what a URL is relative to.
#[cfg(target_family = "wasm")]
#[wasm_bindgen_test::wasm_bindgen_test]
fn urls_are_relative_to_the_page() {
    let event_loop = EventLoop::new();
    let socket = WebSocket::new(&event_loop, "/chat").unwrap();
    let (url, page) = (socket.url(), Document::default());
    assert_eq!(
        url.strip_suffix("/chat").unwrap().replacen("ws", "http", 1),
        page.origin()
    );
}
