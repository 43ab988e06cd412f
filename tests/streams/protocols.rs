//! Protocols that know TCP, over streams of bytes: TLS, and lines.

use crate::ends::{WIRES, bytes_over, on_a_loop};
use dom_websocket::EventLoop;
use dom_websocket::protocol::Wire;
use futures::future::join;
use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, StreamExt};
use futures_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use futures_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use futures_rustls::{TlsAcceptor, TlsConnector};
use std::sync::Arc;
use support::bounded;

/// Draft 76 has no binary messages, which TLS needs.
#[test]
fn tls_inside_a_connection() {
    for wire in [Wire::Rfc6455, Wire::Simplified] {
        bounded(move || on_a_loop(move |event_loop| tls(event_loop, wire)));
    }
}

async fn tls(event_loop: EventLoop, wire: Wire) {
    let (client, server) = bytes_over(wire, &event_loop).await;
    let certified = rcgen::generate_simple_self_signed(["inside".to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let chain = vec![certified.cert.der().clone()];
    let acceptor = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let connector = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let message = vec![42; 3_000_000];
    let echo = async {
        let stream = TlsAcceptor::from(Arc::new(acceptor))
            .accept(server)
            .await
            .unwrap();
        let (reader, mut writer) = stream.split();
        futures::io::copy(reader, &mut writer).await.unwrap();
        writer.close().await.unwrap();
    };
    let ask = async {
        let name = ServerName::try_from("inside").unwrap();
        let connector = TlsConnector::from(Arc::new(connector));
        let stream = connector.connect(name, client).await.unwrap();
        let (mut reader, mut writer) = stream.split();
        let write = async {
            writer.write_all(&message).await.unwrap();
            writer.close().await.unwrap();
        };
        let mut received = Vec::new();
        let read = async { reader.read_to_end(&mut received).await.unwrap() };
        join(write, read).await;
        assert!(received == message);
    };
    join(echo, ask).await;
}

/// A small server of numbered answers, as there are many over TCP.
#[test]
fn lines_of_questions_and_answers() {
    for wire in WIRES {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let (client, server) = bytes_over(wire, &event_loop).await;
                let serve = async {
                    let (reader, mut writer) = server.split();
                    let mut lines = BufReader::new(reader).lines();
                    while let Some(line) = lines.next().await {
                        let answer = match &*line.unwrap() {
                            "quit" => break,
                            line => format!("250 {line}\r\n"),
                        };
                        writer.write_all(answer.as_bytes()).await.unwrap();
                    }
                    writer.write_all(b"221 bye\r\n").await.unwrap();
                    writer.close().await.unwrap();
                };
                let ask = async {
                    let (reader, mut writer) = client.split();
                    let mut lines = BufReader::new(reader).lines();
                    for number in 0..300 {
                        let question = format!("é {number}");
                        writer
                            .write_all(format!("{question}\n").as_bytes())
                            .await
                            .unwrap();
                        let answer = lines.next().await.unwrap().unwrap();
                        assert_eq!(answer, format!("250 {question}"));
                    }
                    writer.write_all(b"quit\n").await.unwrap();
                    assert_eq!(lines.next().await.unwrap().unwrap(), "221 bye");
                    assert!(lines.next().await.is_none());
                    writer.close().await.unwrap();
                };
                join(serve, ask).await;
            });
        });
    }
}
