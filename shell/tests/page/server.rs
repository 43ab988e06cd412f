//! A server of HTTP that the script `fetch.js` knows.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// Its address. It listens to the end of the process.
pub(super) fn listen() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/page/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for connection in listener.incoming() {
            // A client may leave when it likes.
            thread::spawn(|| connection.and_then(answer));
        }
    });
    address
}

fn answer(mut connection: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let start = head.len();
        // What fields say need not be UTF-8.
        if reader.read_until(b'\n', &mut head)? <= 2 {
            break;
        }
        let line = String::from_utf8_lossy(&head[start..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let start = String::from_utf8_lossy(&head).into_owned();
    let target = start.split(' ').nth(1).unwrap_or_default().to_owned();
    let is_head = start.starts_with("HEAD ");
    let mut answer = |status: &str, fields: &str, body: &[u8]| {
        let length = body.len();
        write!(
            connection,
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{fields}\r\n"
        )?;
        connection.write_all(if is_head { &[] } else { body })
    };
    match &*target {
        // What has come, as it is.
        "/echo" => answer("200 OK", "X-Two: a\r\nX-Two: b\r\n", &[head, body].concat()),
        "/bytes" => answer("200 OK", "", &(0..=255).collect::<Vec<u8>>()),
        "/missing" => answer("404 Not Found", "", b"nothing is there"),
        "/empty" => answer("204 No Content", "", b""),
        "/circle" => answer("302 Found", "Location: /circle\r\n", b""),
        "/away" => answer("302 Found", "Location: ftp://example.com/\r\n", b""),
        "/found" => answer("302 Found", "Location: echo\r\n", b""),
        "/snow" => answer("302 Found", "Location: /snowman?\u{2603}\r\n", b""),
        "/snowman?%E2%98%83" => answer("200 OK", "", b"melted"),
        "/same-again" => answer("307 Temporary Redirect", "Location: /echo\r\n", b""),
        // A body of which half comes.
        "/half" => write!(
            connection,
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf."
        ),
        // A head, and nothing behind it until the client leaves.
        "/silent" => {
            write!(connection, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")?;
            connection.read(&mut [0]).map(drop)
        }
        "/mute" => connection.read(&mut [0]).map(drop),
        "/large" => {
            let length = (64 << 20) + 1;
            write!(
                connection,
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"
            )?;
            (0..=64).try_for_each(|_| connection.write_all(&vec![0; 1 << 20]))
        }
        _ => write!(connection, "this is not HTTP\r\n\r\n"),
    }
}
