//! A server and a client of each edition, on one event loop: what happens at either end.

use dom_websocket::{
    Answer, CloseEvent, Dispatch, DomException, Edition, EventLoop, Server, UserAgent, WebSocket,
};
use futures::channel::oneshot;
use futures::executor::block_on;
use futures::future::join;
use std::cell::{Cell, RefCell};
use std::error::Error;
use std::rc::Rc;
use std::time::Instant;

/// What each client says, one line for each answer it gets.
const LINES: [&str; 3] = [
    "Hello, I am Ada.",
    "Grüße, 世界! 🎉",
    "That is all. Goodbye!",
];

/// Whether all ended cleanly.
pub(crate) fn demonstrate() -> Result<bool, Box<dyn Error>> {
    let event_loop = EventLoop::new();
    let user_agent = UserAgent::builder().log_failures().build();
    let screen = Rc::new(Screen::new());
    let clean_ends = Rc::new(Cell::new(0));
    let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    let url = format!("ws://{}/chat", server.local_addr());
    println!("A server and its clients on one event loop, at {url}");
    serve(&server, &screen, &clean_ends);

    let editions = [
        (Edition::Living, "living: today's WebSocket, over RFC 6455"),
        (
            Edition::Html5,
            "html5: the WebSocket of March 2010, over draft-hixie-76",
        ),
    ];
    // One client after the other, while the loop runs; the server stays.
    let chats = async {
        for (edition, title) in editions {
            screen.head(title);
            screen.client(&format!("new WebSocket(\"{url}\", \"chat\")"));
            let socket = WebSocket::builder(&event_loop, &url)
                .edition(edition)
                .user_agent(&user_agent)
                .origin("http://example.com")
                .protocol("chat")
                .open()?;
            // The sender goes with the socket's listeners, once it is closed.
            let _ = chat(&socket, &screen, &clean_ends).await;
        }
        server.close();
        Ok::<_, DomException>(())
    };
    let (result, ()) = block_on(join(chats, event_loop.until_idle()));
    result?;
    let is_clean = clean_ends.get() == 4;
    println!(
        "\nBoth ends of both connections closed {}.",
        if is_clean { "cleanly" } else { "UNCLEANLY" }
    );
    Ok(is_clean)
}

/// A client that answers each message with its next line, and closes when it has said all. Says when
/// it is closed.
fn chat(
    socket: &WebSocket,
    screen: &Rc<Screen>,
    clean_ends: &Rc<Cell<u32>>,
) -> oneshot::Receiver<()> {
    let s = screen.clone();
    socket.set_onopen(move |event| {
        let socket = event.target();
        let (protocol, extensions) = (socket.protocol(), socket.extensions());
        s.client(&format!("open         {protocol:?} {extensions}"));
    });
    let s = screen.clone();
    let lines = RefCell::new(LINES.into_iter());
    socket.set_onmessage(move |event| {
        s.client(&format!("message      {:?}", event.data().to_string()));
        let Some(text) = lines.borrow_mut().next() else {
            s.client("close()");
            event.target().close();
            return Ok(true);
        };
        s.client(&format!("send         {text:?}"));
        event.target().send(text)
    });
    let (s, ends) = (screen.clone(), clean_ends.clone());
    let (end, ended) = oneshot::channel::<()>();
    socket.set_onclose(move |event| {
        let _until_the_end = &end;
        s.client(&closed(&event));
        ends.set(ends.get() + u32::from(event.was_clean()));
    });
    ended
}

/// A server that greets, answers every line, and counts clean ends.
fn serve(server: &Server, screen: &Rc<Screen>, clean_ends: &Rc<Cell<u32>>) {
    let s = screen.clone();
    server.set_onrequest(move |request| {
        let (resource, origin) = (request.resource_name(), request.origin());
        s.server(&format!(
            "request      {resource} from {}",
            origin.unwrap_or("?")
        ));
        match request.protocols().find(|&p| p == "chat") {
            Some(protocol) => Answer::accept_with(protocol),
            None => Answer::Refuse,
        }
    });
    let (screen, clean_ends) = (screen.clone(), clean_ends.clone());
    server.set_onconnection(move |socket, _| {
        let s = screen.clone();
        socket.set_onopen(move |event| {
            s.server("open");
            s.server("send         \"Welcome!\"");
            event.target().send("Welcome!")
        });
        let s = screen.clone();
        socket.set_onmessage(move |event| {
            let text = event.data().to_string();
            s.server(&format!("message      {text:?}"));
            let answer = format!("You said {} characters.", text.chars().count());
            s.server(&format!("send         {answer:?}"));
            event.target().send(answer)
        });
        let (s, ends) = (screen.clone(), clean_ends.clone());
        socket.set_onclose(move |event| {
            s.server(&closed(&event));
            ends.set(ends.get() + u32::from(event.was_clean()));
        });
    });
}

fn closed(event: &Dispatch<'_, CloseEvent>) -> String {
    format!(
        "close        wasClean {}, code {}",
        event.was_clean(),
        event.code()
    )
}

/// Two columns and a clock.
struct Screen {
    start: Instant,
}

const COLUMN: usize = 54;

impl Screen {
    fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    fn head(&self, title: &str) {
        println!("\n{title}\n      ms  {:COLUMN$}server", "client");
    }

    fn client(&self, what: &str) {
        self.line(what, 0);
    }

    fn server(&self, what: &str) {
        self.line(what, COLUMN);
    }

    fn line(&self, what: &str, column: usize) {
        let ms = self.start.elapsed().as_secs_f64() * 1000.0;
        println!("{ms:8.2}  {:column$}{what}", "");
    }
}
