//! `binaryType`.

use super::WebSocket;

/// What binary messages are delivered as.
///
/// Clause: [WebSockets, "BinaryType"](https://websockets.spec.whatwg.org/#enumdef-binarytype).
///
/// ```
/// use dom_websocket::{BinaryType, MessageData};
///
/// # let event_loop = dom_websocket::EventLoop::new();
/// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
/// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
/// # let url = format!("ws://{}/", server.local_addr());
/// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
/// # socket.add_event_listener("close", move |_| server.close());
/// socket.set_binary_type(BinaryType::ArrayBuffer);
/// socket.set_onopen(|event| event.target().send([1, 2, 3]));
/// socket.set_onmessage(|event| {
///     assert_eq!(*event.data(), MessageData::ArrayBuffer(vec![1, 2, 3]));
///     event.target().close();
/// });
/// # event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BinaryType {
    /// `"blob"`: [`MessageData::Blob`](crate::MessageData::Blob).
    #[default]
    Blob,
    /// `"arraybuffer"`: [`MessageData::ArrayBuffer`](crate::MessageData::ArrayBuffer).
    ArrayBuffer,
}

impl WebSocket {
    /// What binary messages are delivered as.
    ///
    /// Clause: [WebSockets, "binaryType"](https://websockets.spec.whatwg.org/#dom-websocket-binarytype).
    ///
    /// ```
    /// use dom_websocket::BinaryType;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// assert_eq!(socket.binary_type(), BinaryType::Blob);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "binaryType")]
    #[must_use]
    pub fn binary_type(&self) -> BinaryType {
        self.inner.binary_type.get()
    }

    /// Sets what binary messages are delivered as, also those that have been received and not
    /// dispatched.
    ///
    /// Clause: [WebSockets, "binaryType"](https://websockets.spec.whatwg.org/#dom-websocket-binarytype).
    ///
    /// ```
    /// use dom_websocket::BinaryType;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, "ws://example.com/")?;
    /// socket.set_binary_type(BinaryType::ArrayBuffer);
    /// assert_eq!(socket.binary_type(), BinaryType::ArrayBuffer);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "binaryType")]
    pub fn set_binary_type(&self, binary_type: BinaryType) {
        self.inner.binary_type.set(binary_type);
    }
}
