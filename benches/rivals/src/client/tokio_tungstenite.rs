//! tokio-tungstenite. Writes as tungstenite does.

use super::drive::{Connection, Library, drive};
use super::tungstenite::Frames;
use super::{Figures, Run};
use crate::payload::Message;
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, client_async};

pub fn run(run: Run) -> Option<Figures> {
    super::floor::on_tokio(drive(TokioTungstenite(Frames::new()), run))
}

struct TokioTungstenite(Frames);

impl Library for TokioTungstenite {
    type Connection = Socket;

    async fn connect(&self, port: u16, path: &str) -> Socket {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://127.0.0.1:{port}{path}");
        let (socket, _) = client_async(url, stream).await.unwrap();
        Socket(socket, self.0.clone())
    }
}

struct Socket(WebSocketStream<TcpStream>, Frames);

impl Connection for Socket {
    async fn feed(&mut self, message: Message) {
        self.0.feed(self.1.get(message)).await.unwrap();
    }

    async fn flush(&mut self) {
        self.0.flush().await.unwrap();
    }

    async fn receive(&mut self) -> usize {
        self.0.next().await.unwrap().unwrap().len()
    }

    async fn is_next(&mut self, expected: &[u8]) -> bool {
        self.0.next().await.unwrap().unwrap().into_data() == expected
    }
}
