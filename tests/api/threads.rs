//! What may go to other threads, and what stays on the loop's: it takes a major version to change the first.

use dom_websocket::protocol::opening::{
    AcceptOptions, Agreed, AwaitingAnswer, AwaitingRequest, AwaitingResponse, ClientRequest,
    Extensions, Refusal, Rejected, Reply, Responding,
};
use dom_websocket::protocol::{
    Closure, ConnectionOptions, Feedback, Payload, Protocol, Resources, Timer, UrlComponents, Wire,
};
use dom_websocket::{
    AbortController, AbortSignal, Answer, BinaryType, Blob, ByteStream, Compression, Credentials,
    Document, DomException, Edition, EventListener, EventLoop, Failure, Handle, HttpResponse,
    KeepAlive, Limits, Message, Observation, Piece, RemoteSocket, Request, Response, Server,
    Timeouts, TrySendError, Turn, UserAgent, WeakEventLoop, WebSocket, WebSocketCloseInfo,
    WebSocketError, WebSocketPieces, WebSocketReadable, WebSocketStream, WebSocketWritable, host,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};

macro_rules! are_shared {
    ($($type:ty),* $(,)?) => { $(assert_impl_all!($type: Send, Sync);)* };
}

macro_rules! stay {
    ($($type:ty),* $(,)?) => { $(assert_not_impl_any!($type: Send, Sync);)* };
}

// Ways to the loop from other threads.
are_shared!(Handle, KeepAlive, RemoteSocket);
assert_impl_all!(RemoteSocket: Clone);

// Values: settings, messages, what is asked and answered, errors.
are_shared![
    BinaryType,
    Compression,
    Credentials,
    Edition,
    Limits,
    Timeouts,
    Turn,
    Message,
    Piece,
    TrySendError<Message>,
    WebSocketCloseInfo,
    Answer,
    HttpResponse,
    Request,
    Response,
    DomException,
    Failure,
    Observation<'static>,
    WebSocketError,
    host::DomString,
    host::ScriptError,
];

// The protocol alone, on whatever thread its transport is.
are_shared![
    AcceptOptions,
    Agreed,
    AwaitingAnswer,
    AwaitingRequest,
    AwaitingResponse,
    ClientRequest,
    Closure,
    ConnectionOptions,
    Extensions,
    Feedback,
    Payload<'static>,
    Refusal,
    Rejected,
    Reply,
    Resources,
    Responding,
    Timer,
    UrlComponents,
    Wire,
];
assert_impl_all!(Box<dyn Protocol>: Send);

// The loop and what belongs to it: neither can be had on two threads.
stay![
    EventLoop,
    WeakEventLoop,
    Server,
    UserAgent,
    Document,
    WebSocket,
    EventListener,
    AbortController,
    AbortSignal,
    Blob,
    WebSocketStream,
    WebSocketReadable,
    WebSocketWritable,
    WebSocketPieces,
    ByteStream,
    host::Realm,
    host::Options,
];

#[cfg(feature = "cookies")]
assert_not_impl_any!(dom_websocket::CookieJar: Send, Sync);
#[cfg(feature = "proxies")]
assert_impl_all!(dom_websocket::Proxy: Send, Sync);
#[cfg(feature = "tls")]
assert_impl_all!(dom_websocket::TlsError: Send, Sync);
