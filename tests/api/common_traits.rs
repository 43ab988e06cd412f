//! What is expected of the types as values: comparison, keys, errors, conversions, and what they show.

// What changes in a handle's object is not compared.
#![allow(clippy::mutable_key_type)]

use dom_websocket::{
    AbortController, Blob, ByteStream, CloseEvent, CloseEventInit, Credentials, Data, Document,
    DomException, Event, EventInit, EventListener, EventLoop, Exception, Failure, HandshakeFault,
    InvalidCredentials, InvalidHeader, Limits, MessageData, MessageEvent, MessageEventInit,
    ProxyFailure, RedirectFailure, Server, Timeouts, TransportError, UserAgent, WebSocket,
    WireFailure,
};
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::fmt::Debug;
use std::hash::Hash;
use std::io::ErrorKind;
use std::rc::Rc;

/// Two of a kind that look the same, as keys.
#[track_caller]
fn are_told_apart<T: Clone + Debug + Eq + Hash>(one: &T, other: &T) {
    assert_eq!(*one, one.clone());
    assert_ne!(one, other);
    let names = HashMap::from([(one.clone(), "one"), (other.clone(), "other")]);
    assert_eq!((names[one], names[other]), ("one", "other"));
}

#[test]
fn sockets_of_the_same_url() {
    let event_loop = EventLoop::new();
    let socket = || WebSocket::new(&event_loop, "ws://example.com/").unwrap();
    let (one, other) = (socket(), socket());
    are_told_apart(&one, &other);
    // Also that which a listener is handed.
    let names = HashMap::from([(other, "other"), (one.clone(), "one")]);
    one.add_event_listener("test", move |event| {
        assert_eq!(names[event.target()], "one")
    });
    let event = dom_websocket::Event::new("test", Default::default());
    assert_eq!(one.dispatch_event(&event), Ok(true));
}

#[test]
fn what_belongs_to_script() {
    are_told_apart(&Document::default(), &Document::default());
    let listener = || EventListener::new(|_| ());
    are_told_apart(&listener(), &listener());
    let (one, other) = (AbortController::new(), AbortController::new());
    are_told_apart(&one, &other);
    are_told_apart(&one.signal(), &other.signal());
    assert_eq!(one.signal(), one.signal());
}

#[test]
fn what_belongs_to_the_host() {
    let (one, other) = (EventLoop::new(), EventLoop::new());
    are_told_apart(&one, &other);
    are_told_apart(&UserAgent::default(), &UserAgent::default());
    let server = || Server::listen(&one, "127.0.0.1:0").unwrap();
    are_told_apart(&server(), &server());
    #[cfg(feature = "cookies")]
    are_told_apart(
        &dom_websocket::CookieJar::new(),
        &dom_websocket::CookieJar::new(),
    );
}

#[test]
fn blobs_are_equal_if_their_data_is() {
    let unread = || Blob::unread(1, async { Ok(b"a".to_vec()) });
    let (one, other) = (unread(), unread());
    assert_eq!(one, one.clone());
    assert_ne!(one, other);
    assert_ne!(one, Blob::new("a"), "nobody knows yet");
    for blob in [&one, &other] {
        futures::executor::block_on(blob.read()).unwrap();
        assert_eq!(*blob, Blob::new("a"));
    }
    assert_eq!(one, other);
    let failing = Blob::unread(2, async { Ok(b"a".to_vec()) });
    futures::executor::block_on(failing.read()).unwrap_err();
    assert_eq!(failing, failing.clone());
}

#[test]
fn a_message_is_made_of_text_bytes_or_a_blob() {
    assert_eq!(MessageData::from("a"), MessageData::Text("a".into()));
    let bytes = b"a".to_vec();
    let data = MessageData::from(bytes.clone());
    assert_eq!(data, MessageData::ArrayBuffer(bytes));
    let text = String::from("a");
    assert_eq!(MessageData::from(text), MessageData::Text("a".into()));
    let blob = Blob::new("a");
    assert_eq!(MessageData::from(blob.clone()), MessageData::Blob(blob));
}

#[test]
fn settings_can_be_compared() {
    assert_eq!(Limits::default(), Limits::default());
    let timeouts = Timeouts {
        ping: Some(std::time::Duration::from_secs(1)),
        ..Timeouts::default()
    };
    assert_ne!(timeouts, Timeouts::default());
}

/// Whatever can fail says so by an error that can be passed on, to other threads too.
#[test]
fn errors_can_be_passed_on() {
    fn is_error<T: Error + Clone + PartialEq + Send + Sync + 'static>() {}
    is_error::<DomException>();
    is_error::<Failure>();
    is_error::<HandshakeFault>();
    is_error::<InvalidCredentials>();
    is_error::<InvalidHeader>();
    is_error::<ProxyFailure>();
    is_error::<RedirectFailure>();
    is_error::<TransportError>();
    is_error::<WireFailure>();
    #[cfg(feature = "proxies")]
    is_error::<dom_websocket::InvalidProxy>();
    #[cfg(feature = "tls")]
    is_error::<dom_websocket::TlsError>();
}

#[test]
fn a_failure_leads_to_its_source() {
    let refused = || TransportError::from(ErrorKind::ConnectionRefused);
    for (failure, source) in [
        (Failure::Redirect(RedirectFailure::TooMany), true),
        (Failure::Handshake(HandshakeFault::Malformed), true),
        (Failure::Proxy(ProxyFailure::NotConnected(refused())), true),
        (Failure::NotConnected(refused()), true),
        (Failure::Wire(WireFailure::Cancelled), false),
        (Failure::Wire(WireFailure::Transport(refused())), true),
    ] {
        assert_eq!(failure.source().is_some(), source, "{failure}");
    }
    #[cfg(feature = "http2")]
    {
        let failure = Failure::Http2(dom_websocket::Http2Failure::NotSpoken);
        let source = failure.source().unwrap().to_string();
        assert_eq!(source, "the server does not speak it");
        assert!(failure.to_string().ends_with(&source), "{failure}");
    }
    for (failure, source) in [
        (ProxyFailure::NotResolved(refused()), true),
        (ProxyFailure::NotConnected(refused()), true),
        (ProxyFailure::Tls(refused()), true),
        (ProxyFailure::Refused(refused()), true),
        (ProxyFailure::Transport(refused()), true),
        (ProxyFailure::Unauthorized, false),
    ] {
        assert_eq!(failure.source().is_some(), source, "{failure}");
    }
}

/// What becomes of arguments that are none.
#[test]
fn an_error_says_what_was_wrong() {
    let credentials = Credentials::new("a\r\nb", "c").unwrap_err();
    assert!(credentials.to_string().contains("control character"));
    for (failure, what) in [
        (RedirectFailure::TooMany, "too many"),
        (RedirectFailure::InvalidLocation, "not a WebSocket URL"),
        (RedirectFailure::Downgrade, "from wss: to ws:"),
    ] {
        let failure = Failure::Redirect(failure).to_string();
        assert!(failure.ends_with(what), "{failure}");
    }
    for (error, what) in [
        (InvalidHeader::Name, "name"),
        (InvalidHeader::Value, "value"),
        (InvalidHeader::Reserved, "belongs to the handshake"),
    ] {
        assert!(error.to_string().contains(what), "{error}");
    }
    #[cfg(feature = "http2")]
    {
        use dom_websocket::{Http2, UnknownHttp2};
        let names = ["off", "prefer", "prior-knowledge"].map(str::parse);
        assert_eq!(
            names,
            [Ok(Http2::Off), Ok(Http2::Prefer), Ok(Http2::PriorKnowledge)]
        );
        let error = "always".parse::<Http2>().unwrap_err();
        assert!(matches!(error, UnknownHttp2 { .. }));
        assert!(error.to_string().contains("prior-knowledge"), "{error}");
    }
    #[cfg(feature = "proxies")]
    {
        let error = dom_websocket::Proxy::new("ftp://example.com/").unwrap_err();
        assert!(error.to_string().contains("socks5:"), "{error}");
    }
}

/// Each says at least what it is.
#[test]
fn everything_shows_its_name() {
    #[track_caller]
    fn shows(thing: &dyn Debug, name: &str) {
        let shown = format!("{thing:?}");
        let rest = shown.strip_prefix(name).expect(&shown);
        assert!(!rest.starts_with(char::is_alphanumeric), "{shown}");
    }
    let event_loop = EventLoop::new();
    shows(&event_loop, "EventLoop");
    shows(&event_loop.handle(), "Handle");
    shows(&event_loop.keep_alive(), "KeepAlive");
    shows(&Exception::Error("thrown".into()), "Error(\"thrown\")");
    shows(&Exception::Panic(Box::new("thrown")), "Panic(");
    let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
    shows(&server, "Server");
    assert!(format!("{server:?}").contains(&server.local_addr().to_string()));
    shows(&Server::builder(&event_loop), "ServerBuilder");
    shows(&UserAgent::default(), "UserAgent");
    shows(&UserAgent::builder(), "UserAgentBuilder");
    let mut builder = WebSocket::builder(&event_loop, "ws://u:secret@example.com/?secret");
    shows(builder.protocols(["chat"]), "WebSocketBuilder");
    let shown = format!("{builder:?}");
    assert!(
        shown.contains("\"chat\"") && !shown.contains("secret"),
        "{shown}"
    );
    let document = Document::new("https://example.com/page").unwrap();
    shows(&document, "Document { origin: \"https://example.com\"");
    let listener = EventListener::new(|_| ());
    shows(&listener, "EventListener");
    shows(&listener.downgrade(), "WeakEventListener");
    assert_eq!(listener.downgrade().upgrade(), Some(listener));
    let controller = AbortController::new();
    shows(&controller.signal(), "AbortSignal { aborted: false");
    shows(&Blob::new("four"), "Blob { size: 4");
    shows(&Data::Text("secret"), "Text");
    shows(&Data::Bytes(b"secret"), "Bytes");
    assert!(!format!("{:?}", Data::Text("secret")).contains("secret"));
    let socket = WebSocket::new(&event_loop, "ws://example.com/").unwrap();
    shows(&socket.remote(), "RemoteSocket { is_closed: false");
    let exception = WebSocket::new(&event_loop, "http:").unwrap_err();
    shows(&exception, "SyntaxError");
    let stream = ByteStream::builder(&event_loop, "ws://example.com").open();
    shows(&stream.unwrap(), "ByteStream { url: \"ws://example.com");
    shows(
        &ByteStream::builder(&event_loop, "ws://example.com/"),
        "ByteStreamBuilder",
    );
    #[cfg(feature = "cookies")]
    {
        let jar = dom_websocket::CookieJar::new();
        assert!(jar.set("https://example.com/", "name=secret"));
        assert_eq!(format!("{jar:?}"), "CookieJar { len: 1 }");
        jar.clear();
        assert_eq!(jar.cookies("https://example.com/"), None);
    }
    #[cfg(feature = "proxies")]
    {
        let proxy = dom_websocket::Proxy::new("http://user:secret@example.com:3128").unwrap();
        let proxies = dom_websocket::Proxies::new().https(proxy);
        shows(&proxies, "Proxies");
        let shown = format!("{proxies:?}");
        assert!(shown.contains("http://example.com:3128"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[test]
fn a_person_can_read_an_event() {
    let event_loop = EventLoop::new();
    let socket = WebSocket::new(&event_loop, "ws://example.com/chat?secret").unwrap();
    let shown = Rc::new(RefCell::new(String::new()));
    let show = shown.clone();
    let listener = EventListener::new(move |event| *show.borrow_mut() = format!("{event:?}"));
    let target = "WebSocket { url: \"ws://example.com/chat\", ready_state: 0, .. }";
    for type_ in ["error", "message", "close"] {
        socket.add_event_listener_with(type_, &listener, Default::default());
    }
    socket
        .dispatch_event(&Event::new("error", EventInit::default()))
        .unwrap();
    let event = "Event { type_: \"error\", is_trusted: false, .. }";
    assert_eq!(
        *shown.borrow(),
        format!("Dispatch {{ event: {event}, target: {target} }}")
    );
    let message = MessageEventInit {
        data: "hello".into(),
        ..Default::default()
    };
    socket
        .dispatch_event(&MessageEvent::new("message", message))
        .unwrap();
    assert!(
        shown.borrow().contains("data: Text(\"hello\")"),
        "{shown:?}"
    );
    let close = CloseEventInit {
        code: 4000,
        reason: "enough".into(),
        ..Default::default()
    };
    socket
        .dispatch_event(&CloseEvent::new("close", close))
        .unwrap();
    let how = "was_clean: false, code: 4000, reason: \"enough\"";
    assert!(shown.borrow().contains(how), "{shown:?}");
}

#[test]
fn a_socket_shows_no_secret() {
    let event_loop = EventLoop::new();
    let url = "ws://secret:secret@example.com/chat?token=secret";
    let socket = WebSocket::new(&event_loop, url).unwrap();
    assert_eq!(socket.url(), url);
    let shown = format!("{socket:?}");
    assert!(shown.contains("ws://example.com/chat"), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
    let document = Document::new("https://secret@example.com/?secret").unwrap();
    let shown = format!("{document:?}");
    assert!(!shown.contains("secret"), "{shown}");
}
