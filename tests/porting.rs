//! The Rust column of PORTING.md: each line of it stands here, is compiled, and runs.
#![allow(clippy::mutable_key_type)]

use dom_websocket::{
    AbortController, AddEventListenerOptions, BinaryType, Blob, CloseEvent, CloseEventInit,
    Dispatch, Document, DomException, DomExceptionKind, Edition, Event, EventInit, EventListener,
    EventLoop, Exception, Host, Message, MessageData, MessageEvent, MessageEventInit, Server,
    WebSocket, WebSocketCloseInfo, WebSocketErrorKind, WebSocketOpenInfo, WebSocketStream,
};
use futures::{SinkExt, StreamExt};
use std::cell::Cell;
use std::collections::HashMap;
use std::error::Error;
use std::fmt::Display;
use std::future::Future;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

type Outcome = Result<(), Box<dyn Error>>;

/// What a program does with a value.
fn use_it<T>(value: T) {
    black_box(value);
}

fn log(event: Dispatch<'_>) {
    use_it(event.type_());
}

/// A server that echoes on this loop, and its URL.
fn serve(event_loop: &EventLoop) -> Result<(Server, String), Box<dyn Error>> {
    let server = Server::listen(event_loop, "127.0.0.1:0")?;
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| event.target().send(event.data()));
    });
    let url = format!("ws://{}/", server.local_addr());
    Ok((server, url))
}

/// Runs the loop until this future has ended and nothing else is left.
fn finish(event_loop: &EventLoop, future: impl Future<Output = Outcome> + 'static) {
    let has_ended = Rc::new(Cell::new(false));
    let tells = has_ended.clone();
    event_loop.spawn(async move {
        future.await.expect("no error");
        tells.set(true);
    });
    event_loop.run();
    assert!(has_ended.get());
}

/// Dispatches an event at a socket to a listener that has to be called.
fn heard(
    type_: &'static str,
    dispatch: impl FnOnce(&WebSocket) -> Result<bool, DomException>,
    listener: impl Fn(Dispatch<'_>) + 'static,
) -> Result<bool, Box<dyn Error>> {
    let ws = WebSocket::new(&EventLoop::new(), "ws://example.com/")?;
    let count = Rc::new(Cell::new(0));
    let counts = count.clone();
    ws.add_event_listener(type_, move |event| {
        counts.set(counts.get() + 1);
        listener(event);
    });
    let result = dispatch(&ws)?;
    assert_eq!(count.get(), 1);
    Ok(result)
}

#[test]
fn constructors() -> Outcome {
    let event_loop = EventLoop::new();
    let (server, url) = serve(&event_loop)?;
    let url = &*url;
    let ws = WebSocket::new(&event_loop, url)?;
    assert_eq!(ws.url(), url);
    let _ = WebSocket::with_protocol(&event_loop, url, "chat")?;
    let _ = WebSocket::with_protocols(&event_loop, url, ["a", "b"])?;
    let page = Document::new("https://example.com/page")?;
    let ws = WebSocket::builder(&event_loop, "/chat")
        .document(&page)
        .open()?;
    assert_eq!(ws.url(), "wss://example.com/chat");
    page.unload();
    let ws = WebSocket::builder(&event_loop, url)
        .edition(Edition::Html5)
        .open()?;
    assert_eq!(ws.edition(), Edition::Html5);
    if let Err(e) = WebSocket::new(&event_loop, "ftp://example.com/") {
        use_it(e.name());
    }
    let mut map = HashMap::new();
    map.insert(ws.clone(), "x");
    assert!(ws == ws.clone());
    server.close();
    Ok(())
}

#[test]
fn attributes_and_methods() -> Outcome {
    let event_loop = EventLoop::new();
    let (server, url) = serve(&event_loop)?;
    let states = [
        WebSocket::CONNECTING,
        WebSocket::OPEN,
        WebSocket::CLOSING,
        WebSocket::CLOSED,
    ];
    assert_eq!(states, [0, 1, 2, 3]);
    let ws = WebSocket::new(&event_loop, &url)?;
    assert!(ws.binary_type() == BinaryType::Blob);
    ws.set_binary_type(BinaryType::ArrayBuffer);
    ws.set_onmessage(|e| use_it(e.data()));
    let other = WebSocket::new(&event_loop, &url)?;
    other.set_onclose(|e| assert_eq!(e.code(), 1005));
    finish(&event_loop, async move {
        let len = 4;
        assert!(ws.room_for(len).await);
        assert!(ws.ready_state() == WebSocket::OPEN);
        ws.send("text")?;
        assert_eq!(ws.buffered_amount(), 4);
        ws.send([1, 2])?;
        let blob = Blob::new(vec![1, 2]);
        ws.send(&blob)?;
        use_it((ws.url(), ws.extensions(), ws.protocol()));
        ws.close_with(4000, "bye")?;
        let ws = other;
        assert!(ws.room_for(len).await);
        ws.close_with(None, "bye")?;
        ws.close();
        server.close();
        Ok(())
    });
    Ok(())
}

#[test]
fn handlers() -> Outcome {
    let event_loop = EventLoop::new();
    let (server, url) = serve(&event_loop)?;
    let ws = WebSocket::new(&event_loop, &url)?;
    ws.set_onopen(|e| use_it(e.type_()));
    ws.set_onmessage(|e| use_it(e.data()));
    ws.set_onerror(|e| use_it(e.type_()));
    ws.set_onclose(|e| use_it(e.code()));
    ws.set_onopen(log);
    ws.set_onclose(|e| log(e.into()));
    ws.clear_onopen();
    ws.clear_onmessage();
    ws.clear_onerror();
    ws.clear_onclose();
    ws.set_onopen(|_| false);

    let f = ws.add_event_listener("message", |e| use_it(e.type_()));
    ws.remove_event_listener("message", &f, false);
    let f = EventListener::new(|e| use_it(e.type_()));
    ws.add_event_listener_with(
        "open",
        &f,
        AddEventListenerOptions {
            once: true,
            passive: true,
            ..Default::default()
        },
    );
    let options = AddEventListenerOptions {
        capture: true,
        ..Default::default()
    };
    ws.add_event_listener_with("open", &f, options);
    let controller = AbortController::new();
    let signal = controller.signal();
    let options = AddEventListenerOptions {
        signal: Some(signal.clone()),
        ..Default::default()
    };
    ws.add_event_listener_with("close", &f, options);
    controller.abort();
    assert!(signal.aborted());
    ws.dispatch_event(&Event::new("hello", EventInit::default()))?;
    // What it is shadowed by is waited for alone.
    ws.close();

    let ws = WebSocket::new(&event_loop, &url)?;
    ws.set_onopen(|e| e.target().send("text"));
    ws.set_onmessage(|e| e.target().send(e.data()));
    let count = Cell::new(0);
    ws.add_event_listener("message", move |e| {
        count.set(count.get() + 1);
        if count.get() == 3 {
            e.target().close();
            return Err("x");
        }
        Ok(())
    });
    ws.set_onclose(move |_| server.close());
    event_loop.run();
    Ok(())
}

#[test]
fn events() -> Outcome {
    let phases = [
        Event::NONE,
        Event::CAPTURING_PHASE,
        Event::AT_TARGET,
        Event::BUBBLING_PHASE,
    ];
    assert_eq!(phases, [0, 1, 2, 3]);
    let event = Event::new(
        "x",
        EventInit {
            cancelable: true,
            ..Default::default()
        },
    );
    let result = heard(
        "x",
        |ws| ws.dispatch_event(&event),
        |e| {
            assert_eq!(e.type_(), "x");
            assert_eq!(e.target().url(), "ws://example.com/");
            assert!(e.event_phase() == Event::AT_TARGET);
            assert_eq!((e.bubbles(), e.cancelable()), (false, true));
            e.stop_propagation();
            e.stop_immediate_propagation();
            e.prevent_default();
            assert!(e.default_prevented());
            assert!(!e.is_trusted());
        },
    )?;
    assert!(!result);
    let mut made = Event::uninitialized();
    made.init_event("x", false, true);
    heard("x", |ws| ws.dispatch_event(&made), log)?;
    Ok(())
}

#[test]
fn message_events() -> Outcome {
    let made = MessageEvent::new(
        "message",
        MessageEventInit {
            data: "x".into(),
            origin: "ws://a".into(),
            ..Default::default()
        },
    );
    heard(
        "message",
        |ws| ws.dispatch_event(&made),
        |e| {
            e.as_message_event().map(|e| use_it(e.data())).unwrap();
            let e = e.as_message_event().unwrap();
            if let Some(text) = e.data().as_str() {
                use_it(text);
            }
            assert_eq!(e.data().as_bytes(), Some(&b"x"[..]));
            match e.data() {
                MessageData::Text(text) => use_it(text),
                MessageData::Blob(blob) => use_it(blob.size()),
                MessageData::ArrayBuffer(bytes) => use_it(bytes.len()),
                _ => {}
            }
            assert_eq!(e.origin(), "ws://a");
            assert_eq!(e.last_event_id(), "");
            let parsed =
                serde_json::from_str::<serde_json::Value>(e.data().as_str().unwrap_or_default());
            assert!(parsed.is_err());
        },
    )?;
    let mut made = MessageEvent::uninitialized();
    made.init_message_event("message", false, false, "x", "ws://a", "");
    heard("message", |ws| ws.dispatch_event(&made), log)?;
    Ok(())
}

#[test]
fn close_events() -> Outcome {
    let made = CloseEvent::new(
        "close",
        CloseEventInit {
            was_clean: true,
            code: 1000,
            ..Default::default()
        },
    );
    heard(
        "close",
        |ws| ws.dispatch_event(&made),
        |e| {
            e.as_close_event().map(|e| use_it(e.code())).unwrap();
            let e = e.as_close_event().unwrap();
            assert!(e.was_clean());
            assert_eq!(e.code(), 1000);
            assert_eq!(e.reason(), "");
        },
    )?;
    let mut made = CloseEvent::uninitialized();
    made.init_close_event("close", false, false, true);
    heard("close", |ws| ws.dispatch_event(&made), log)?;
    Ok(())
}

#[test]
fn blobs_and_timers() -> Outcome {
    let event_loop = EventLoop::new();
    let blob = Blob::new(vec![1, 2]);
    assert_eq!(blob.size(), 2);
    assert_eq!(blob.as_bytes(), Some(&[1, 2][..]));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/porting.rs");
    let size = usize::try_from(std::fs::metadata(path)?.len())?;
    let file = Blob::unread(size, async move { std::fs::read(path) });
    finish(&event_loop, async move {
        assert_eq!(file.read().await.unwrap().len(), size);
        match blob.read().await {
            Ok(bytes) => use_it(bytes.len()),
            Err(e) => use_it(e.kind()),
        }
        Ok(())
    });

    let count = Rc::new(Cell::new(0));
    let counts = count.clone();
    let f = move || counts.set(counts.get() + 1);
    let once_more = f.clone();
    let pause = event_loop.sleep(Duration::from_millis(5));
    event_loop.spawn(async move {
        pause.await;
        f()
    });
    let f = once_more;
    event_loop.queue_task(f);
    event_loop.run();
    assert_eq!(count.get(), 2);
    Ok(())
}

#[test]
fn streams() -> Outcome {
    let event_loop = EventLoop::new();
    let (server, url) = serve(&event_loop)?;
    let url = &*url;
    let wss = WebSocketStream::new(&event_loop, url)?;
    let other = WebSocket::builder(&event_loop, url)
        .protocols(["a"])
        .open_stream()?;
    assert_eq!(wss.url(), url);
    let spawner = event_loop.clone();
    event_loop.spawn(async move {
        let ended = converse(wss).await.and(end_by_its_halves(other).await);
        spawner.queue_task(move || {
            server.close();
            ended.expect("no error");
        });
    });
    event_loop.run();
    Ok(())
}

async fn converse(wss: WebSocketStream) -> Outcome {
    let WebSocketOpenInfo {
        mut readable,
        mut writable,
        extensions,
        protocol,
        ..
    } = wss.opened().await?;
    use_it((extensions, protocol));
    writable.ready().await?;
    writable.write("chunk").await?;
    let message = readable.next().await.unwrap()?;
    match message {
        Message::Text(text) => use_it(text),
        Message::Binary(bytes) => use_it(bytes.len()),
    }
    wss.close((4000, "bye"))?;
    while let Some(message) = readable.next().await {
        use_it(message?.len());
    }
    let WebSocketCloseInfo { close_code, reason } = wss.closed().await?;
    assert_eq!(close_code, Some(4000));
    use_it(reason);
    Ok(())
}

/// Each of these is an end; what comes behind the first does nothing.
async fn end_by_its_halves(wss: WebSocketStream) -> Outcome {
    let WebSocketOpenInfo {
        mut readable,
        mut writable,
        ..
    } = wss.opened().await?;
    readable.cancel((4000, "bye"))?;
    writable.abort(4000)?;
    SinkExt::close(&mut writable).await?;
    Ok(())
}

#[test]
fn errors() -> Outcome {
    let event_loop = EventLoop::new();
    let url = "ws://192.0.2.1/";
    let controller = AbortController::new();
    let signal = controller.signal();
    let wss = WebSocket::builder(&event_loop, url)
        .signal(&signal)
        .open_stream()?;
    controller.abort();
    finish(&event_loop, async move {
        if let Err(e) = wss.opened().await {
            use_it((e.close_code(), e.reason()));
        }
        let e = wss.closed().await.unwrap_err();
        assert!(e.name() == "AbortError");
        assert!(e.kind() == WebSocketErrorKind::Aborted);
        use_it(e.failure());
        Ok(())
    });

    let error = WebSocket::new(&event_loop, "ftp://example.com/").unwrap_err();
    assert_eq!(error.name(), "SyntaxError");
    assert!(!error.message().is_empty());
    assert!(error.code() == DomException::SYNTAX_ERR);
    assert!(matches!(error.kind(), DomExceptionKind::Syntax));
    assert!(error.to_string().starts_with("SyntaxError: "));
    let codes = [
        DomException::NOT_SUPPORTED_ERR,
        DomException::INVALID_STATE_ERR,
        DomException::SYNTAX_ERR,
        DomException::INVALID_ACCESS_ERR,
        DomException::SECURITY_ERR,
    ];
    assert_eq!(codes, [9, 11, 12, 15, 18]);
    Ok(())
}

struct Reporter;

impl Host for Reporter {
    fn perform_microtask_checkpoint(&self) {}

    fn report_exception(&self, exception: Exception) {
        let exception: &dyn Display = &exception;
        assert_eq!(exception.to_string(), "what a listener threw");
    }
}

#[test]
fn threads_and_hosts() -> Outcome {
    let event_loop = EventLoop::with_host(Reporter);
    let (server, url) = serve(&event_loop)?;
    let ws = WebSocket::new(&event_loop, &url)?;
    ws.set_onmessage(|event| {
        event.target().close();
        Err::<(), _>("what a listener threw")
    });
    ws.set_onclose(move |_| server.close());
    let remote = ws.remote();
    let thread = std::thread::spawn(move || {
        remote.send_blocking("from a thread")?;
        Ok::<_, dom_websocket::TrySendError<Message>>(())
    });
    let _ = event_loop.handle();
    event_loop.run();
    thread.join().unwrap()?;
    Ok(())
}

/// Without what is a matter of layout.
fn bare(code: &str) -> String {
    let code: String = code.split_whitespace().collect();
    [
        (",)", ")"),
        (",}", "}"),
        (",]", "]"),
        ("};", "}"),
        ("},", "}"),
    ]
    .iter()
    .fold(code, |code, (from, to)| code.replace(from, to))
}

#[test]
fn every_line_of_the_rust_column_stands_here() {
    let here = bare(include_str!("porting.rs"));
    let (mut count, mut missing) = (0, Vec::new());
    let mut rust = None;
    for line in include_str!("../PORTING.md").lines() {
        if !line.starts_with('|') {
            rust = None;
            continue;
        }
        let line = line.replace("\\|", "\0");
        let cells: Vec<_> = line
            .split('|')
            .map(|cell| cell.replace('\0', "|"))
            .collect();
        let Some(column) = rust else {
            rust = cells.iter().position(|cell| cell.trim() == "Rust");
            continue;
        };
        for code in cells[column].split('`').skip(1).step_by(2) {
            count += 1;
            if !here.contains(&bare(code)) {
                missing.push(code.to_owned());
            }
        }
    }
    assert_eq!(missing, [""; 0], "not compiled");
    assert!(count > 80, "no more than {count} lines were found");
}
