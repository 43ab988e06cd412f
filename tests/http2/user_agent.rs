//! What a user agent does beside: the same as over HTTP/1.1.

use super::peer::speaking;
use dom_websocket::{Answer, EventLoop, HttpResponse, Server, UserAgentBuilder, WebSocket};
use std::cell::RefCell;
use std::rc::Rc;
use support::{Recorder, bounded};

/// A server that answers by a function of path and field, once.
fn answering(
    event_loop: &EventLoop,
    answer: impl Fn(&str, &dyn Fn(&str) -> Option<String>) -> Answer + 'static,
) -> (Server, Rc<RefCell<Vec<String>>>) {
    // One connection of TCP, and a socket: whoever makes another one is not let in.
    let server = Server::builder(event_loop)
        .max_connections(2)
        .listen("127.0.0.1:0")
        .unwrap();
    let paths = Rc::<RefCell<Vec<String>>>::default();
    let asked = paths.clone();
    server.set_onrequest(move |request| {
        assert!(request.is_http2());
        asked.borrow_mut().push(request.resource_name().to_owned());
        answer(request.resource_name(), &|name| {
            request.field(name).map(str::to_owned)
        })
    });
    let handle = server.clone();
    server.set_onconnection(move |socket, _| {
        handle.close();
        socket.close_with(1000, "").unwrap();
    });
    (server, paths)
}

fn session(event_loop: &EventLoop, url: &str, builder: &UserAgentBuilder) {
    let socket = WebSocket::builder(event_loop, url)
        .user_agent(&builder.build())
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    event_loop.run();
    assert_eq!(
        recorder.finished(),
        ["OPEN open", "CLOSED close clean 1000"]
    );
}

#[test]
fn redirects_are_followed_on_the_same_connection() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, paths) = answering(&event_loop, |path, _| match path {
            "/chat" => Answer::accept(),
            _ => Answer::Respond(HttpResponse::new(307).field("Location", "/chat")),
        });
        let url = format!("ws://{}/old", server.local_addr());
        session(&event_loop, &url, speaking().follow_redirects(1));
        assert_eq!(*paths.borrow(), ["/old", "/chat"]);
    });
}

#[cfg(feature = "credentials")]
#[test]
fn passwords_are_asked_for_and_a_digest_is_of_the_method_that_is_sent() {
    use dom_websocket::Credentials;
    use md5::{Digest, Md5};

    fn md5(text: &str) -> String {
        let bytes = Md5::digest(text);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, paths) = answering(&event_loop, |path, field| {
            let Some(authorization) = field("authorization") else {
                let challenge = "Digest realm=\"r\", nonce=\"n\", algorithm=MD5";
                return Answer::Respond(
                    HttpResponse::new(401).field("WWW-Authenticate", challenge),
                );
            };
            // RFC 2617 section 3.2.2.1, without qop.
            let secret = md5("user:r:secret");
            let request = md5(&format!("CONNECT:{path}"));
            let response = md5(&format!("{secret}:n:{request}"));
            assert!(authorization.contains(&response), "{authorization}");
            Answer::accept()
        });
        let mut builder = speaking();
        builder.server_credentials(|_| async { Credentials::new("user", "secret").ok() });
        let url = format!("ws://{}/chat", server.local_addr());
        session(&event_loop, &url, &builder);
        assert_eq!(*paths.borrow(), ["/chat", "/chat"]);
    });
}

#[cfg(feature = "cookies")]
#[test]
fn cookies_go_both_ways() {
    use dom_websocket::CookieJar;

    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, _) = answering(&event_loop, |path, field| {
            let cookie = field("cookie");
            match path {
                "/login" => {
                    assert_eq!(cookie, None);
                    let response = HttpResponse::new(302).field("Location", "/chat");
                    Answer::Respond(response.field("Set-Cookie", "a=b; Path=/"))
                }
                _ => {
                    assert_eq!(cookie.as_deref(), Some("a=b"));
                    Answer::accept()
                }
            }
        });
        let url = format!("ws://{}/login", server.local_addr());
        let mut builder = speaking();
        builder.follow_redirects(1).cookie_jar(&CookieJar::new());
        session(&event_loop, &url, &builder);
    });
}

#[cfg(feature = "proxies")]
#[test]
fn proxies_are_gone_through() {
    use dom_websocket::Proxy;
    use std::io::{Read, Write, copy};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::thread;

    /// Takes one client, to wherever it wants; what it said first.
    fn relay(
        listener: &TcpListener,
        to: SocketAddr,
        greet: fn(&mut TcpStream) -> Vec<u8>,
    ) -> Vec<u8> {
        let (mut client, _) = listener.accept().unwrap();
        let said = greet(&mut client);
        let mut server = TcpStream::connect(to).unwrap();
        let (mut back, mut from) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let forth = thread::spawn(move || {
            let _ = copy(&mut client, &mut server);
            let _ = server.shutdown(std::net::Shutdown::Write);
        });
        let _ = copy(&mut from, &mut back);
        let _ = back.shutdown(std::net::Shutdown::Both);
        forth.join().unwrap();
        said
    }

    fn connect(client: &mut TcpStream) -> Vec<u8> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            client.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        head
    }

    fn socks5(client: &mut TcpStream) -> Vec<u8> {
        let mut greeting = [0; 2];
        client.read_exact(&mut greeting).unwrap();
        let mut methods = vec![0; usize::from(greeting[1])];
        client.read_exact(&mut methods).unwrap();
        client.write_all(&[5, 0]).unwrap();
        let mut request = vec![0; 10];
        client.read_exact(&mut request).unwrap();
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        request
    }

    bounded(|| {
        for (scheme, greet, says) in [
            (
                "http",
                connect as fn(&mut TcpStream) -> Vec<u8>,
                &b"CONNECT 127.0.0.1:"[..],
            ),
            ("socks5", socks5, &[5, 1, 0, 1, 127, 0, 0, 1]),
        ] {
            let event_loop = EventLoop::new();
            let (server, _) = answering(&event_loop, |_, _| Answer::accept());
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let proxy = format!("{scheme}://{}", listener.local_addr().unwrap());
            let to = server.local_addr();
            let relayed = thread::spawn(move || relay(&listener, to, greet));
            let mut builder = speaking();
            builder.proxies(Proxy::new(&proxy).unwrap());
            session(&event_loop, &format!("ws://{to}/"), &builder);
            drop(event_loop);
            let said = relayed.join().unwrap();
            assert!(said.starts_with(says), "{said:?}");
        }
    });
}
