// The browser's WebSocket object for C: libdomws. cbindgen makes this file of the library's source.
//
// * A loop (`domws_loop`) and all that lives on it belong to the thread that made the loop. A function that is called on
//   another one does nothing, and says so (DOMWS_ERROR_KIND_WRONG_THREAD). "Thread: any" stands where that does not hold.
// * What a function whose name ends in `_new`, `_retain`, `_copy` or the like returns is the caller's, to be given back once
//   by the `_release` of its kind: in any order, before or after the loop, inside of a callback too. What a callback is
//   called with is lent to it until it returns. A handle that was given back must not be used.
// * A callback is given with `data`, which it is called with, and `destroy`, which is called once with that when nothing
//   needs it any more, also where the function that they are given to fails.
// * NULL for a handle is an error (DOMWS_ERROR_KIND_INVALID_ARGUMENT), and answered with nothing where there is no `error`.
//   `error` is written each time, and may be NULL.
// * Text has a length and need not be terminated. What is not UTF-8 in it becomes U+FFFD, where nothing else is said; the
//   name of a file is any bytes, on Unix.
// * Nothing is global.

#ifndef DOMWS_H
#define DOMWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// No code, for `domws_socket_close_with` and `domws_socket_finish_with`.
#define DOMWS_NO_CODE -1

/// `capture` of addEventListener's options: called before the listeners that don't.
#define DOMWS_LISTENER_CAPTURE 1

/// `once` of addEventListener's options: removed before its first call.
#define DOMWS_LISTENER_ONCE 2

/// `passive` of addEventListener's options: `domws_event_prevent_default` does nothing in it.
#define DOMWS_LISTENER_PASSIVE 4

/// `bubbles` of an event's options. No socket has a parent for it to bubble to.
#define DOMWS_EVENT_BUBBLES 1

/// `cancelable` of an event's options: `domws_event_prevent_default` does something.
#define DOMWS_EVENT_CANCELABLE 2

/// No bound, for the timeouts that can be for ever.
#define DOMWS_FOREVER -1

/// What went wrong. The first ones are the DOMException's that a script would see.
typedef enum {
    /// Nothing.
    DOMWS_ERROR_KIND_NONE = 0,
    /// "NotSupportedError": anything but text was to be sent, in the html5 edition.
    DOMWS_ERROR_KIND_NOT_SUPPORTED = 1,
    /// "InvalidStateError": the socket is still connecting, or the document has been unloaded.
    DOMWS_ERROR_KIND_INVALID_STATE = 2,
    /// "SyntaxError": an address, an origin, a subprotocol, a reason or a text is not as it must be.
    DOMWS_ERROR_KIND_SYNTAX = 3,
    /// "InvalidAccessError": a close code that script must not send.
    DOMWS_ERROR_KIND_INVALID_ACCESS = 4,
    /// "SecurityError": the URL's port is blocked, in the html5 edition.
    DOMWS_ERROR_KIND_SECURITY = 5,
    /// An argument that must not be NULL is, or one is out of its range.
    DOMWS_ERROR_KIND_INVALID_ARGUMENT = 6,
    /// The handle belongs to another thread. Nothing was done.
    DOMWS_ERROR_KIND_WRONG_THREAD = 7,
    /// The loop is gone, or the event is not under way any more.
    DOMWS_ERROR_KIND_GONE = 8,
    /// There is no room in the queue yet: a `drain` event follows.
    DOMWS_ERROR_KIND_WOULD_BLOCK = 9,
    /// The connection is closing or closed.
    DOMWS_ERROR_KIND_CLOSED = 10,
    /// The message is longer than the queue may be.
    DOMWS_ERROR_KIND_TOO_LONG = 11,
    /// The library was built without this, or the system doesn't have it.
    DOMWS_ERROR_KIND_UNSUPPORTED = 12,
    /// A system call failed.
    DOMWS_ERROR_KIND_IO = 13,
    /// A defect of the library was met, and told on standard error. What was called may be half done.
    DOMWS_ERROR_KIND_PANIC = 14,
} domws_error_kind;

/// What a turn left behind.
typedef enum {
    /// More is ready: take another turn when it suits you.
    DOMWS_TURN_MORE = 0,
    /// Nothing is ready: wait for the descriptor, until the timeout, or for the wake-up.
    DOMWS_TURN_WAITING = 1,
    /// Nothing is ready, and nothing is left that could become ready.
    DOMWS_TURN_IDLE = 2,
} domws_turn;

/// `readyState`.
typedef enum {
    /// The connection has not been established yet.
    DOMWS_READY_STATE_CONNECTING = 0,
    /// Communication is possible.
    DOMWS_READY_STATE_OPEN = 1,
    /// The connection is going through the closing handshake.
    DOMWS_READY_STATE_CLOSING = 2,
    /// The connection is closed, or could not be opened.
    DOMWS_READY_STATE_CLOSED = 3,
} domws_ready_state;

/// `binaryType`: which data type bytes are delivered as.
typedef enum {
    /// "blob", the default.
    DOMWS_BINARY_TYPE_BLOB = 0,
    /// "arraybuffer".
    DOMWS_BINARY_TYPE_ARRAY_BUFFER = 1,
} domws_binary_type;

/// The text that a socket follows.
typedef enum {
    /// Today's: the WHATWG WebSockets Standard over RFC 6455.
    DOMWS_EDITION_LIVING = 0,
    /// HTML5 of March 2010 over draft-hixie-76.
    DOMWS_EDITION_HTML5 = 1,
} domws_edition;

/// Which interface an event has.
typedef enum {
    /// Event, and nothing more.
    DOMWS_EVENT_INTERFACE_KIND_EVENT = 0,
    /// MessageEvent.
    DOMWS_EVENT_INTERFACE_KIND_MESSAGE = 1,
    /// CloseEvent.
    DOMWS_EVENT_INTERFACE_KIND_CLOSE = 2,
} domws_event_interface_kind;

/// What a message is.
typedef enum {
    /// The event is no message.
    DOMWS_DATA_TYPE_NONE = 0,
    /// Text, in UTF-8.
    DOMWS_DATA_TYPE_TEXT = 1,
    /// Bytes, where `binaryType` is "blob".
    DOMWS_DATA_TYPE_BLOB = 2,
    /// Bytes, where `binaryType` is "arraybuffer".
    DOMWS_DATA_TYPE_ARRAY_BUFFER = 3,
} domws_data_type;

/// How a password is proved.
typedef enum {
    /// It is sent as it is: only TLS keeps it secret.
    DOMWS_AUTH_SCHEME_BASIC = 0,
    /// A digest of it is sent.
    DOMWS_AUTH_SCHEME_DIGEST = 1,
    /// SOCKS5's own: it is sent as it is.
    DOMWS_AUTH_SCHEME_SOCKS5 = 2,
} domws_auth_scheme;

/// What can happen to a connection.
typedef enum {
    /// Another one than these.
    DOMWS_STEP_OTHER = 0,
    /// A name has these addresses.
    DOMWS_STEP_RESOLVED = 1,
    /// A connection to an address is attempted.
    DOMWS_STEP_CONNECTING = 2,
    /// One of the attempts failed.
    DOMWS_STEP_NOT_CONNECTED = 3,
    /// TCP is connected.
    DOMWS_STEP_CONNECTED = 4,
    /// A proxy opened the tunnel.
    DOMWS_STEP_PROXIED = 5,
    /// TLS is established.
    DOMWS_STEP_SECURED = 6,
    /// The opening handshake is sent.
    DOMWS_STEP_REQUESTED = 7,
    /// The server answered.
    DOMWS_STEP_RESPONDED = 8,
    /// Credentials are sent with the next attempt.
    DOMWS_STEP_AUTHENTICATING = 9,
    /// The connection is established.
    DOMWS_STEP_OPENED = 10,
    /// The connection is closed, cleanly.
    DOMWS_STEP_CLOSED = 11,
    /// The connection is closed, or never was, for a reason.
    DOMWS_STEP_FAILED = 12,
} domws_step;

/// Why a connection failed, or an attempt.
typedef enum {
    /// It did not.
    DOMWS_FAILURE_NONE = 0,
    /// For another reason than these: see the text.
    DOMWS_FAILURE_OTHER = 1,
    /// The port is blocked.
    DOMWS_FAILURE_PORT_BLOCKED = 2,
    /// An `https:` page, a `ws:` URL.
    DOMWS_FAILURE_MIXED_CONTENT = 3,
    /// The name has no address.
    DOMWS_FAILURE_NOT_RESOLVED = 4,
    /// No address took the connection.
    DOMWS_FAILURE_NOT_CONNECTED = 5,
    /// The TLS handshake failed: the certificate, for example, was not to be trusted.
    DOMWS_FAILURE_TLS = 6,
    /// Credentials with a control character.
    DOMWS_FAILURE_INVALID_CREDENTIALS = 7,
    /// The opening handshake took too long.
    DOMWS_FAILURE_OPENING_TIMED_OUT = 8,
    /// The server's answer was not 101.
    DOMWS_FAILURE_STATUS = 9,
    /// There were more redirects than are followed.
    DOMWS_FAILURE_REDIRECT_TOO_MANY = 10,
    /// A redirect's location is no WebSocket URL.
    DOMWS_FAILURE_REDIRECT_INVALID_LOCATION = 11,
    /// A redirect from `wss:` to `ws:`.
    DOMWS_FAILURE_REDIRECT_DOWNGRADE = 12,
    /// The server's handshake is malformed.
    DOMWS_FAILURE_HANDSHAKE_MALFORMED = 13,
    /// The server's handshake is too long.
    DOMWS_FAILURE_HANDSHAKE_TOO_LARGE = 14,
    /// A field of the server's handshake is not as it must be.
    DOMWS_FAILURE_HANDSHAKE_FIELD = 15,
    /// The server did not solve our challenge (draft 76).
    DOMWS_FAILURE_HANDSHAKE_CHALLENGE = 16,
    /// The server answers in TLS, or says that it expects TLS: the URL should begin with `wss:`.
    DOMWS_FAILURE_HANDSHAKE_TLS = 17,
    /// Too many sockets wait for this host.
    DOMWS_FAILURE_TOO_MANY_WAITING = 18,
    /// The server ended the connection in the middle of its handshake.
    DOMWS_FAILURE_HANDSHAKE_INCOMPLETE = 19,
    /// The proxy's name has no address.
    DOMWS_FAILURE_PROXY_NOT_RESOLVED = 20,
    /// The proxy could not be connected to.
    DOMWS_FAILURE_PROXY_NOT_CONNECTED = 21,
    /// TLS to the proxy failed.
    DOMWS_FAILURE_PROXY_TLS = 22,
    /// The proxy answered with another status than 200.
    DOMWS_FAILURE_PROXY_STATUS = 23,
    /// The proxy wants credentials that it takes.
    DOMWS_FAILURE_PROXY_UNAUTHORIZED = 24,
    /// The proxy's answer is malformed, or too long.
    DOMWS_FAILURE_PROXY_MALFORMED = 25,
    /// The proxy could not reach the server, or was not allowed to (SOCKS5).
    DOMWS_FAILURE_PROXY_REFUSED = 26,
    /// The connection to the proxy was lost.
    DOMWS_FAILURE_PROXY_TRANSPORT = 27,
    /// The server ended the connection, or it was lost, before a byte of its handshake came: a server that expects TLS, it may
    /// be, where the URL begins with `ws:`.
    DOMWS_FAILURE_UNANSWERED = 28,
    /// It was given up on this side.
    DOMWS_FAILURE_CANCELLED = 40,
    /// Too much was waiting to be sent.
    DOMWS_FAILURE_QUEUE_FULL = 41,
    /// The peer broke the protocol.
    DOMWS_FAILURE_VIOLATION = 42,
    /// The peer's text is not UTF-8, or its data could not be inflated.
    DOMWS_FAILURE_INVALID_DATA = 43,
    /// The peer's message is too long.
    DOMWS_FAILURE_TOO_LARGE = 44,
    /// All messages together were too long.
    DOMWS_FAILURE_OVERLOADED = 45,
    /// The peer's message did not come in time.
    DOMWS_FAILURE_MESSAGE_TIMED_OUT = 46,
    /// The peer ended TCP without a closing handshake.
    DOMWS_FAILURE_END_OF_STREAM = 47,
    /// The connection was lost: reset, for example.
    DOMWS_FAILURE_TRANSPORT = 48,
    /// Nothing came in answer to a ping.
    DOMWS_FAILURE_NO_PONG = 49,
    /// The peer did not answer the closing handshake.
    DOMWS_FAILURE_CLOSING_TIMED_OUT = 50,
} domws_failure;

/// Who ends TCP first, and so keeps the connection in TIME_WAIT.
typedef enum {
    /// As the wire's text has it.
    DOMWS_ACTIVE_CLOSE_STANDARD = 0,
    /// This end, at once.
    DOMWS_ACTIVE_CLOSE_OURS = 1,
    /// The peer; this end follows.
    DOMWS_ACTIVE_CLOSE_PEERS = 2,
} domws_active_close;

/// What a library can be built with, or without.
typedef enum {
    /// `wss:`, certificates.
    DOMWS_FEATURE_TLS = 0,
    /// Proxies.
    DOMWS_FEATURE_PROXIES = 1,
    /// Answers to 401 and 407.
    DOMWS_FEATURE_CREDENTIALS = 2,
    /// Cookie jars.
    DOMWS_FEATURE_COOKIES = 3,
} domws_feature;

/// A bound of one connection's memory, in bytes where not said otherwise.
typedef enum {
    /// The head of a request or response. 16 KiB.
    DOMWS_LIMIT_HEAD = 0,
    /// The number of fields in it. 100.
    DOMWS_LIMIT_HEAD_FIELDS = 1,
    /// One received message. 64 MiB; a server's 4 MiB.
    DOMWS_LIMIT_MESSAGE = 2,
    /// A frame of an unknown type that is skipped (draft 76). As a message.
    DOMWS_LIMIT_SKIPPED_FRAME = 3,
    /// What all connections together put together at once. 256 MiB; a server's 64 MiB.
    DOMWS_LIMIT_ALL_MESSAGES = 4,
    /// What is read and thrown away of a peer that nothing is expected of any more. 4 MiB; a server's 1 MiB.
    DOMWS_LIMIT_DISCARDED = 5,
    /// What is queued to be sent: over it the connection is closed. 64 MiB; a server's 16 MiB.
    DOMWS_LIMIT_SEND_QUEUE = 6,
    /// Over this much in that queue there is no room, as `domws_socket_try_send_...` sees it. 1 MiB.
    DOMWS_LIMIT_HIGH_WATER = 7,
    /// Received and not yet dispatched: over it reading pauses. 1 MiB; a server's 256 KiB.
    DOMWS_LIMIT_UNDISPATCHED = 8,
    /// What all connections together have queued to be sent. 1 GiB; a server's 256 MiB.
    DOMWS_LIMIT_ALL_SEND_QUEUES = 9,
} domws_limit;

/// Which connections a proxy is configured for. Of those that are set the first in this order is used, for all.
typedef enum {
    /// SOCKS.
    DOMWS_PROXY_USE_SOCKS = 0,
    /// HTTPS.
    DOMWS_PROXY_USE_HTTPS = 1,
    /// HTTP.
    DOMWS_PROXY_USE_HTTP = 2,
} domws_proxy_use;

/// A wait on a peer, in milliseconds.
typedef enum {
    /// For reaching the peer and for the opening handshake. 30 s.
    DOMWS_TIMEOUT_OPENING_HANDSHAKE = 0,
    /// From our part of the closing handshake to the peer's. 20 s.
    DOMWS_TIMEOUT_CLOSING_HANDSHAKE = 1,
    /// From `domws_socket_finish` to each sign of life. 60 s; can be for ever.
    DOMWS_TIMEOUT_FINISHED = 2,
    /// For the peer's end of TCP. 2 s.
    DOMWS_TIMEOUT_END_OF_STREAM = 3,
    /// From the first bytes of a message to its last. For ever; a server's 60 s.
    DOMWS_TIMEOUT_MESSAGE = 4,
    /// How long a connection is idle before it is pinged. For ever.
    DOMWS_TIMEOUT_PING = 5,
    /// From such a ping to anything from the peer. 20 s.
    DOMWS_TIMEOUT_PONG = 6,
    /// From `domws_socket_close`, `domws_socket_finish` or the last handle to the moment when all that was queued has left,
    /// however slowly the peer takes it: over it the rest is lost. 300 s; can be for ever.
    DOMWS_TIMEOUT_LINGER = 7,
} domws_timeout;

/// A server or a proxy asks who we are. Whoever has the last handle has not answered, and is taken to give up.
typedef struct domws_challenge domws_challenge;

/// The cookies that sockets send and set. It belongs to the thread that makes it.
typedef struct domws_cookie_jar domws_cookie_jar;

/// The page, or worker, whose script opens sockets: it gives them their origin and the base of relative URLs, and
/// closes them when it is unloaded. It belongs to the thread that makes it.
typedef struct domws_document domws_document;

/// An event. The one that a callback is called with is valid until that returns: `domws_event_copy` makes one that
/// stays. One of your own is made by `domws_event_new`, and dispatched by `domws_socket_dispatch_event`.
typedef struct domws_event domws_event;

/// Reaches a loop from any thread, also when it is gone.
typedef struct domws_handle domws_handle;

/// Keeps a loop from becoming idle, until it is released: for work under way elsewhere that will queue a task.
typedef struct domws_keep_alive domws_keep_alive;

/// A listener that was added, to be removed by. It keeps neither the listener nor its data.
typedef struct domws_listener domws_listener;

/// A queue of tasks and the connections that fill it, for one thread: the one that made it. Callbacks run inside
/// `domws_loop_turn` and `domws_loop_run` only, but for those that say otherwise.
typedef struct domws_loop domws_loop;

/// One step of one socket's connection, for as long as the observer runs.
typedef struct domws_observation domws_observation;

/// Sends on a socket, and closes it, from any thread. What it is given leaves in order, with the loop's next turn, for
/// which the loop is woken; until the socket is open and has room it waits in a queue of its own
/// (`DOMWS_LIMIT_HIGH_WATER`). All its handles together are one more of the socket: until the last is given back, and
/// what they queued has been sent, the socket is open. Events are the listeners', on the loop's thread.
typedef struct domws_remote domws_remote;

/// The head of a client's request, for as long as the callback runs: of its opening handshake, or, in `onhttp`, of any
/// other.
typedef struct domws_request domws_request;

/// A listening socket for WebSocket clients. With its last handle it is closed; connections live on.
typedef struct domws_server domws_server;

/// Options of servers. They are read when one is made, and can be changed and used again; they belong to the thread
/// that makes them.
typedef struct domws_server_options domws_server_options;

/// The browser's WebSocket object. While C holds it, the same object is the same pointer, in callbacks too. When the
/// last handle goes, a socket that has a listener which an event can still reach lives on until it is closed; any
/// other is closed.
typedef struct domws_socket domws_socket;

/// Options of sockets. They are read when a socket is opened, and can be changed and used again; they belong to the
/// thread that makes them.
typedef struct domws_socket_options domws_socket_options;

/// What sockets share: proxies, cookies, certificates, limits, timeouts, and the queue of those that are connecting.
/// It belongs to the thread that makes it.
typedef struct domws_user_agent domws_user_agent;

/// Options of user agents. They are read when one is made, and can be changed and used again; they belong to the
/// thread that makes them.
typedef struct domws_user_agent_options domws_user_agent_options;

/// A text in UTF-8. It is not terminated, and can have NULs in it. One without a length may have NULL for data.
typedef struct {
    /// Its first byte.
    const char *data;
    /// How many bytes it has.
    size_t len;
} domws_string;

/// A text in UTF-16, as JavaScript's strings are: it can have unpaired surrogates.
typedef struct {
    /// Its first code unit.
    const uint16_t *data;
    /// How many code units it has.
    size_t len;
} domws_utf16;

/// An error, in memory of the caller's. It need not be initialized, and has nothing to be released.
typedef struct {
    /// NONE where nothing went wrong.
    domws_error_kind kind;
    /// For a person to read: UTF-8, terminated, cut where it is too long; empty where nothing went wrong.
    char message[252];
} domws_error;

/// A task, a script, or a microtask checkpoint.
typedef void (*domws_task_callback)(void *data);

/// Frees the data of a callback that is not needed any more, or never was. It is called once, also where the function
/// that it was given to fails, after the callback's last call has returned; on the loop's thread, or, where the function
/// fails, on the caller's, unless said otherwise. NULL where there is nothing to free. It must return: no C++ exception,
/// no longjmp.
typedef void (*domws_destroy)(void *data);

/// A panic of a callback of the library's own: a defect. `message` is valid during the call.
typedef void (*domws_report_callback)(domws_string message, void *data);

/// Bytes.
typedef struct {
    /// The first one.
    const uint8_t *data;
    /// How many there are.
    size_t len;
} domws_bytes;

/// Hears of an event. `socket` is where it is dispatched; it and `event` are valid until this returns, and to be kept
/// beyond by `domws_socket_retain` and `domws_event_copy`. In it, handles can be released, handlers replaced, and the
/// loop ended. It must return: no C++ exception, no longjmp.
typedef void (*domws_event_callback)(domws_socket *socket, domws_event *event, void *data);

/// Hears of a step. It is called as things happen, inside of a turn and outside, and should be quick. Nothing that it
/// is told is a secret. One of a user agent is called as long as a socket of that is left. It must return: no C++
/// exception, no longjmp.
typedef void (*domws_observer_callback)(const domws_observation *observation, void *data);

/// Is asked for an answer to a client, and gives it by `domws_request_accept` or `domws_request_respond`; without one
/// the client is refused. `request` is valid until it returns. It must return: no C++ exception, no longjmp.
typedef void (*domws_request_callback)(domws_request *request, void *data);

/// Gets an open connection, with the request that led to it. Whatever listeners it adds hear `open` next, and miss
/// nothing. It keeps the socket by a listener or by `domws_socket_retain`, or the connection is closed. Both are
/// valid until it returns. It must return: no C++ exception, no longjmp.
typedef void (*domws_connection_callback)(domws_socket *socket, domws_request *request, void *data);

/// How permessage-deflate is offered, or agreed to. Fill it by `domws_compression_defaults`.
typedef struct {
    /// How hard to try, from 0, not at all, to 9.
    uint8_t level;
    /// The window of what this end sends, in bits, from 9 to 15.
    uint8_t window_bits;
    /// Whether this end refers to messages that it sent before.
    bool context_takeover;
    /// The window that the peer is asked to keep to, in bits, from 9 to 15.
    uint8_t peer_window_bits;
    /// Whether the peer may refer to messages that it sent before.
    bool peer_context_takeover;
} domws_compression;

/// Is asked for credentials, and answers by `domws_challenge_answer`: at once, or later, if it keeps the challenge by
/// `domws_challenge_retain`. The challenge is valid until it returns. Called inside of a turn. It must return: no C++
/// exception, no longjmp.
typedef void (*domws_credentials_callback)(domws_challenge *challenge, void *data);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// The name of an error: a DOMException's own, such as "SyntaxError", or one made in its manner. Thread: any. It
/// stays for ever.
const char *domws_error_name(domws_error_kind kind);

/// The legacy code of a DOMException, such as 12 for "SyntaxError"; 0 for any other error. Thread: any.
uint16_t domws_error_code(domws_error_kind kind);

/// Writes a text as UTF-16 into `buffer`, as much as there is room for: `capacity` code units, or none if `buffer` is
/// NULL. Returns how many code units the text has. What is not UTF-8 becomes U+FFFD. Thread: any.
size_t domws_string_to_utf16(domws_string text,
                             uint16_t *buffer,
                             size_t capacity);

/// Writes a text as UTF-8 into `buffer`, as much as there is room for: `capacity` bytes, or none if `buffer` is NULL.
/// Nothing terminates it. Returns how many bytes the text has. Unpaired surrogates become U+FFFD. Thread: any.
size_t domws_string_from_utf16(domws_utf16 text,
                               char *buffer,
                               size_t capacity);

/// The library's version, such as "0.1.0". Thread: any. It stays for ever.
const char *domws_version(void);

/// Whether the library was built with a feature; false for one that it does not know. Functions of one that is
/// missing are there, and fail (UNSUPPORTED). Thread: any.
bool domws_has(domws_feature feature);

/// Makes a loop for this thread. NULL where that fails: IO where the process has no descriptors left, of which a loop takes
/// three. The handle is to be given back by `domws_loop_release`. Thread: any, whose it is then. `error` may be NULL.
domws_loop *domws_loop_new(domws_error *error);

/// Ends a loop: its connections are closed at once, no callback of it is called any more, and the data of all is
/// destroyed; inside of one of its callbacks that happens when the turn returns. What lives on it (sockets, servers)
/// can be released before or later. Thread: the loop's; on another one, and for NULL, nothing is done.
void domws_loop_release(domws_loop *event_loop);

/// One turn: takes in what the connections have, runs the tasks that are queued by then, and sends what they sent.
/// Never blocks. Inside of a callback of the loop it does nothing and returns IDLE. Where it fails it returns IDLE.
/// Thread: the loop's. `error` may be NULL.
domws_turn domws_loop_turn(domws_loop *event_loop,
                           domws_error *error);

/// Takes turns until nothing is left to wait for, or `domws_loop_stop`, blocking this thread in between. A server
/// that listens and a connection that is open are waited for. Inside of a callback of the loop it does nothing. False
/// where it fails. Thread: the loop's. `error` may be NULL.
bool domws_loop_run(domws_loop *event_loop,
                    domws_error *error);

/// Has the `domws_loop_run` return that this is called in, soon: what is ready may run before. Outside of one nothing
/// is done. Thread: the loop's; others queue a task (`domws_handle_queue_task`). NULL: nothing is done.
void domws_loop_stop(domws_loop *event_loop);

/// What a loop of yours waits for (poll, epoll, GLib's `g_unix_fd_add`, libuv's `uv_poll_t`): readable while
/// `domws_loop_turn` has something to do. Wait no longer than `domws_loop_timeout`, which is to be asked before each
/// wait. Nothing must be read from it; it is the loop's, stays the same, and is closed by `domws_loop_release`.
/// -1 where it fails, and where there is none: then `domws_loop_set_wake_up` serves.
/// Thread: the loop's. `error` may be NULL.
int domws_loop_descriptor(domws_loop *event_loop,
                          domws_error *error);

/// In how many milliseconds a turn is due that the descriptor doesn't tell of: fit for poll(2). -1: none is, or it
/// is NULL. A turn can change it, and so can what is called outside of one. Thread: the loop's.
int domws_loop_timeout(domws_loop *event_loop);

/// Sets what to call when a waiting loop has something to do again: once for each turn. **It is called from any
/// thread**, also from inside of functions of this library, and must do no more than have the loop's thread call
/// `domws_loop_turn` soon. A loop that waits for the descriptor needs none. It replaces the one before; NULL: nobody
/// is called. A call can be under way on another thread still when it is replaced, or the loop released: `data` is for
/// any thread, and so is its `destroy`, which follows. False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_loop_set_wake_up(domws_loop *event_loop,
                            domws_task_callback callback,
                            void *data,
                            domws_destroy destroy,
                            domws_error *error);

/// Queues a task behind all that is queued: `callback` is called once, in a turn. `data` is destroyed behind it, or
/// when the loop goes before. False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_loop_queue_task(domws_loop *event_loop,
                           domws_task_callback callback,
                           void *data,
                           domws_destroy destroy,
                           domws_error *error);

/// Queues a task in so many milliseconds, a `setTimeout` of the loop's own, which is not idle meanwhile. Otherwise as
/// `domws_loop_queue_task`. Thread: the loop's. `error` may be NULL.
bool domws_loop_queue_task_after(domws_loop *event_loop,
                                 uint32_t milliseconds,
                                 domws_task_callback callback,
                                 void *data,
                                 domws_destroy destroy,
                                 domws_error *error);

/// Calls `callback` at once, which calls script of yours: the microtask checkpoint follows once the outermost such
/// call is over, and not after the listeners of events that it dispatches itself (HTML "clean up after running
/// script"). False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_loop_run_script(domws_loop *event_loop,
                           domws_task_callback callback,
                           void *data,
                           domws_error *error);

/// For hosts of script engines. Sets what runs promise jobs (HTML "perform a microtask checkpoint"): called after
/// each callback that returns to an empty script stack, so also between two listeners of one event, and after each
/// task. It replaces the one before; NULL: there is none. False where it fails. Thread: the loop's. `error` may be
/// NULL.
bool domws_loop_set_microtask_checkpoint(domws_loop *event_loop,
                                         domws_task_callback callback,
                                         void *data,
                                         domws_destroy destroy,
                                         domws_error *error);

/// Sets who hears of a panic inside of a turn, which is a defect of the library: the loop goes on. It replaces the
/// one before; NULL, the default: it is written to standard error. False where it fails. Thread: the loop's. `error`
/// may be NULL.
bool domws_loop_set_report(domws_loop *event_loop,
                           domws_report_callback callback,
                           void *data,
                           domws_destroy destroy,
                           domws_error *error);

/// A handle for other threads, to be given back by `domws_handle_release`. NULL where it fails. Thread: the loop's.
/// `error` may be NULL.
domws_handle *domws_loop_handle(domws_loop *event_loop,
                                domws_error *error);

/// One more handle, the same pointer, to be released too. NULL for NULL. Thread: any.
domws_handle *domws_handle_retain(domws_handle *handle);

/// Gives a handle back. NULL: nothing is done. Thread: any.
void domws_handle_release(domws_handle *handle);

/// Queues a task on the loop's thread and wakes the loop. `data` is handed to that thread, and destroyed there behind
/// the task, or with the loop. False where it fails, as where the loop is gone (GONE): then `data` is destroyed at
/// once, on this thread. Thread: any. `error` may be NULL.
bool domws_handle_queue_task(domws_handle *handle,
                             domws_task_callback callback,
                             void *data,
                             domws_destroy destroy,
                             domws_error *error);

/// Keeps the loop from becoming idle until `domws_keep_alive_release`. NULL where it fails. Thread: any. `error` may
/// be NULL.
domws_keep_alive *domws_handle_keep_alive(domws_handle *handle,
                                          domws_error *error);

/// Lets the loop become idle. NULL: nothing is done. Thread: any.
void domws_keep_alive_release(domws_keep_alive *keep_alive);

/// `new WebSocket(url, protocols)`: checks the arguments, and opens the connection in the background. `options` may
/// be NULL for the defaults, is read only now, and can be used again. NULL where it throws. That nobody answers is no
/// error, but an `error` and a `close` event. The handle is to be given back by `domws_socket_release`. Thread: the
/// loop's. `error` may be NULL.
domws_socket *domws_socket_new(domws_loop *event_loop,
                               domws_string url,
                               const domws_socket_options *options,
                               domws_error *error);

/// One more handle: the same pointer, to be released once more. NULL for NULL. Thread: the loop's.
domws_socket *domws_socket_retain(domws_socket *socket);

/// Gives a handle back, before or after its loop. NULL: nothing is done. Thread: the loop's; on another one nothing
/// is done, and the handle is lost.
void domws_socket_release(domws_socket *socket);

/// `url`. It stays as long as the handle. NULL: empty. Thread: the loop's.
domws_string domws_socket_url(const domws_socket *socket);

/// `readyState`. CLOSED for NULL. Thread: the loop's.
domws_ready_state domws_socket_ready_state(const domws_socket *socket);

/// `bufferedAmount`, in bytes. 0 for NULL. Thread: the loop's.
size_t domws_socket_buffered_amount(const domws_socket *socket);

/// `extensions`; empty until the connection is open. It stays as long as the handle. NULL: empty. Thread: the loop's.
domws_string domws_socket_extensions(const domws_socket *socket);

/// `protocol`; empty until the connection is open. It stays as long as the handle. NULL: empty. Thread: the loop's.
domws_string domws_socket_protocol(const domws_socket *socket);

/// `binaryType`. BLOB for NULL. Thread: the loop's.
domws_binary_type domws_socket_binary_type(const domws_socket *socket);

/// Sets `binaryType`, also for what has been received and not dispatched. False where it fails. Thread: the loop's.
/// `error` may be NULL.
bool domws_socket_set_binary_type(domws_socket *socket,
                                  domws_binary_type binary_type,
                                  domws_error *error);

/// The edition that the socket follows. LIVING for NULL. Thread: the loop's.
domws_edition domws_socket_edition(const domws_socket *socket);

/// `close()`: closes the connection. A `close` event follows, from a task, unless there has been one. What was sent
/// before leaves first. False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_socket_close(domws_socket *socket,
                        domws_error *error);

/// `close(code, reason)`. The code is 1000 or from 3000 to 4999 (INVALID_ACCESS), or `DOMWS_NO_CODE`: then the reason
/// can't be told. The reason has 123 bytes at the most (SYNTAX). In the html5 edition both are ignored. False where
/// it throws. Thread: the loop's. `error` may be NULL.
bool domws_socket_close_with(domws_socket *socket,
                             int32_t code,
                             domws_string reason,
                             domws_error *error);

/// Ends our direction, and not the peer's: "I have sent all; say what you still have to say". True if so; false with
/// NONE where the connection is closing or closed, and nothing is done. INVALID_STATE while connecting. Thread: the
/// loop's. `error` may be NULL.
bool domws_socket_finish(domws_socket *socket,
                         domws_error *error);

/// `domws_socket_finish` with a code and a reason as `domws_socket_close_with` has them. Thread: the loop's. `error`
/// may be NULL.
bool domws_socket_finish_with(domws_socket *socket,
                              int32_t code,
                              domws_string reason,
                              domws_error *error);

/// A copy of an event, which stays until `domws_event_release`; what it is asked for stays as long. Nothing can be
/// prevented or stopped by it. NULL for NULL. Thread: the loop's.
domws_event *domws_event_copy(const domws_event *event);

/// Gives a copy back, or an event that was made. NULL, or the event of a callback, which nobody gave: nothing is done.
/// Thread: the loop's.
void domws_event_release(domws_event *event);

/// The event's interface. EVENT for NULL. Thread: the loop's.
domws_event_interface_kind domws_event_interface(const domws_event *event);

/// `type`, such as "message". It stays as long as the event. Thread: the loop's. NULL: empty.
domws_string domws_event_type(const domws_event *event);

/// `isTrusted`. False for NULL. Thread: the loop's.
bool domws_event_is_trusted(const domws_event *event);

/// `bubbles`. False for NULL. Thread: the loop's.
bool domws_event_bubbles(const domws_event *event);

/// `cancelable`. False for NULL. Thread: the loop's.
bool domws_event_cancelable(const domws_event *event);

/// `defaultPrevented`. False for NULL. Thread: the loop's.
bool domws_event_default_prevented(const domws_event *event);

/// `preventDefault()`. NULL, or a copy: nothing is done. Thread: the loop's.
void domws_event_prevent_default(domws_event *event);

/// `stopPropagation()`. NULL, or a copy: nothing is done. Thread: the loop's.
void domws_event_stop_propagation(domws_event *event);

/// `stopImmediatePropagation()`. NULL, or a copy: nothing is done. Thread: the loop's.
void domws_event_stop_immediate_propagation(domws_event *event);

/// What the message is. NONE for other events, and for NULL. Thread: the loop's.
domws_data_type domws_event_data_type(const domws_event *event);

/// `data` of a message that is text. It stays as long as the event. Other events and NULL: empty. Thread: the loop's.
domws_string domws_event_text(const domws_event *event);

/// `data` of a message: its bytes, also those of a text. They stay as long as the event. Other events and NULL: none.
/// Thread: the loop's.
domws_bytes domws_event_bytes(const domws_event *event);

/// `origin` of a message: that of the socket's URL, such as "ws://example.com:8080". It stays as long as the event.
/// Other events and NULL: empty. Thread: the loop's.
domws_string domws_event_origin(const domws_event *event);

/// `wasClean` of a CloseEvent: the closing handshake was finished. Other events and NULL: false. Thread: the loop's.
bool domws_event_was_clean(const domws_event *event);

/// `code` of a CloseEvent. Other events and NULL: 0. Thread: the loop's.
uint16_t domws_event_code(const domws_event *event);

/// `reason` of a CloseEvent. It stays as long as the event. Other events and NULL: empty. Thread: the loop's.
domws_string domws_event_reason(const domws_event *event);

/// `onopen`: the connection is established. It replaces the handler before; a `callback` of NULL is `onopen = null`.
/// Its `data` goes with the handler: when it is replaced, the connection is closed, or the socket or the loop has
/// gone. False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_socket_set_onopen(domws_socket *socket,
                             domws_event_callback callback,
                             void *data,
                             domws_destroy destroy,
                             domws_error *error);

/// `onmessage`: a message has been received. It replaces the handler before; a `callback` of NULL is `onmessage =
/// null`. Its `data` goes with the handler: when it is replaced, the connection is closed, or the socket or the loop
/// has gone. False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_socket_set_onmessage(domws_socket *socket,
                                domws_event_callback callback,
                                void *data,
                                domws_destroy destroy,
                                domws_error *error);

/// `onerror`: the connection failed, and `close` follows at once. In the html5 edition: a frame of an unknown type
/// was skipped, and the connection lives on. It replaces the handler before; a `callback` of NULL is `onerror =
/// null`. Its `data` goes with the handler: when it is replaced, the connection is closed, or the socket or the loop
/// has gone. False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_socket_set_onerror(domws_socket *socket,
                              domws_event_callback callback,
                              void *data,
                              domws_destroy destroy,
                              domws_error *error);

/// `onclose`: the connection is closed, or could not be opened. It is the last event. It replaces the handler before;
/// a `callback` of NULL is `onclose = null`. Its `data` goes with the handler: when it is replaced, the connection is
/// closed, or the socket or the loop has gone. False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_socket_set_onclose(domws_socket *socket,
                              domws_event_callback callback,
                              void *data,
                              domws_destroy destroy,
                              domws_error *error);

/// `onend`: the peer has sent all, and the socket is half open: no message follows, and this side can go on sending
/// until it finishes or closes. No standard has it. It replaces the handler before; a `callback` of NULL is `onend =
/// null`. Its `data` goes with the handler: when it is replaced, the connection is closed, or the socket or the loop
/// has gone. False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_socket_set_onend(domws_socket *socket,
                            domws_event_callback callback,
                            void *data,
                            domws_destroy destroy,
                            domws_error *error);

/// `ondrain`: there is room again, behind a `domws_socket_try_send_...` that would have blocked. No standard has it.
/// It replaces the handler before; a `callback` of NULL is `ondrain = null`. Its `data` goes with the handler: when
/// it is replaced, the connection is closed, or the socket or the loop has gone. False where it fails. Thread: the
/// loop's. `error` may be NULL.
bool domws_socket_set_ondrain(domws_socket *socket,
                              domws_event_callback callback,
                              void *data,
                              domws_destroy destroy,
                              domws_error *error);

/// `addEventListener(type, callback, options)`; `options` are `DOMWS_LISTENER_CAPTURE` and its kin, added. Each call
/// adds a listener of its own. Its `data` goes with it, as with a handler. Where `listener` is not NULL, it is given
/// a handle for `domws_socket_remove_event_listener`, to be given back by `domws_listener_release`; NULL where it
/// fails. False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_socket_add_event_listener(domws_socket *socket,
                                     domws_string type,
                                     domws_event_callback callback,
                                     void *data,
                                     domws_destroy destroy,
                                     uint32_t options,
                                     domws_listener **listener,
                                     domws_error *error);

/// `removeEventListener`: does nothing if the listener is not one of this socket, or has been removed. The handle
/// stays the caller's. False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_socket_remove_event_listener(domws_socket *socket,
                                        domws_listener *listener,
                                        domws_error *error);

/// Gives a listener's handle back; the listener stays where it was added. NULL: nothing is done. Thread: the loop's.
void domws_listener_release(domws_listener *listener);

/// A socket's handle for other threads, to be given back by `domws_remote_release`. Each has a queue of its own. NULL
/// where it fails. Thread: the loop's. `error` may be NULL.
domws_remote *domws_socket_remote(domws_socket *socket,
                                  domws_error *error);

/// One more handle, the same pointer, to be released too. NULL for NULL. Thread: any.
domws_remote *domws_remote_retain(domws_remote *remote);

/// Gives a handle back, before or after the loop. NULL: nothing is done. Thread: any.
void domws_remote_release(domws_remote *remote);

/// Queues a copy of a text if there is room for it: true. False where there is none yet (WOULD_BLOCK) and never will be
/// (CLOSED, TOO_LONG). Ill-formed text is treated as in `domws_socket_send_text`. Thread: any. `error` may be NULL.
bool domws_remote_try_send_text(domws_remote *remote,
                                domws_string text,
                                domws_error *error);

/// Queues a copy of bytes if there is room for them, as `domws_remote_try_send_text`. NOT_SUPPORTED in the html5
/// edition. Thread: any. `error` may be NULL.
bool domws_remote_try_send_bytes(domws_remote *remote,
                                 domws_bytes bytes,
                                 domws_error *error);

/// `domws_remote_try_send_text` that waits for room, until the connection ends (CLOSED). Thread: any but the loop's
/// (WRONG_THREAD), which would wait for itself. `error` may be NULL.
bool domws_remote_send_text(domws_remote *remote,
                            domws_string text,
                            domws_error *error);

/// `domws_remote_try_send_bytes` that waits for room, until the connection ends (CLOSED). Thread: any but the loop's
/// (WRONG_THREAD), which would wait for itself. `error` may be NULL.
bool domws_remote_send_bytes(domws_remote *remote,
                             domws_bytes bytes,
                             domws_error *error);

/// `domws_socket_close`, behind what is queued: nothing is taken any more. False where it fails. Thread: any. `error`
/// may be NULL.
bool domws_remote_close(domws_remote *remote,
                        domws_error *error);

/// `domws_socket_close_with`, behind what is queued: nothing is taken any more. False where it throws. Thread: any.
/// `error` may be NULL.
bool domws_remote_close_with(domws_remote *remote,
                             int32_t code,
                             domws_string reason,
                             domws_error *error);

/// Whether nothing is taken any more: the socket is closing or closed, or its loop is gone. True for NULL. Thread: any.
bool domws_remote_is_closed(const domws_remote *remote);

/// The bytes of the messages that are queued here, and that the socket has not got yet. 0 for NULL. Thread: any.
size_t domws_remote_buffered_amount(const domws_remote *remote);

/// `send(text)`: true if it was queued. What is not UTF-8, also a surrogate that was encoded like a character,
/// becomes U+FFFD; in the html5 edition it is an error (SYNTAX). False with NONE: the connection is closing or
/// closed, or the queue was full. INVALID_STATE while connecting. The text is copied. Thread: the loop's. `error` may
/// be NULL.
bool domws_socket_send_text(domws_socket *socket,
                            domws_string text,
                            domws_error *error);

/// `send(text)` of an engine's UTF-16: unpaired surrogates become U+FFFD; in the html5 edition they are an error
/// (SYNTAX). Otherwise as `domws_socket_send_text`. Thread: the loop's. `error` may be NULL.
bool domws_socket_send_utf16(domws_socket *socket,
                             domws_utf16 text,
                             domws_error *error);

/// `send(bytes)`. NOT_SUPPORTED in the html5 edition. Otherwise as `domws_socket_send_text`. Thread: the loop's.
/// `error` may be NULL.
bool domws_socket_send_bytes(domws_socket *socket,
                             domws_bytes bytes,
                             domws_error *error);

/// Sends a text if there is room for it: true. False where there is none yet (WOULD_BLOCK: a `drain` event tells when
/// there is), and never will be (CLOSED, TOO_LONG). It never closes the connection. Ill-formed text is treated as in
/// `domws_socket_send_text`. Thread: the loop's. `error` may be NULL.
bool domws_socket_try_send_text(domws_socket *socket,
                                domws_string text,
                                domws_error *error);

/// `domws_socket_try_send_text` of an engine's UTF-16. Thread: the loop's. `error` may be NULL.
bool domws_socket_try_send_utf16(domws_socket *socket, domws_utf16 text, domws_error *error);

/// Sends bytes if there is room for them, as `domws_socket_try_send_text`. NOT_SUPPORTED in the html5 edition.
/// Thread: the loop's. `error` may be NULL.
bool domws_socket_try_send_bytes(domws_socket *socket,
                                 domws_bytes bytes,
                                 domws_error *error);

/// The defaults. NULL where that fails. To be given back by `domws_socket_options_release`. Thread: any, whose it is
/// then. `error` may be NULL.
domws_socket_options *domws_socket_options_new(domws_error *error);

/// Gives options back; sockets that were opened with them stay as they are. NULL: nothing is done. Thread: their own.
void domws_socket_options_release(domws_socket_options *options);

/// The text to follow. Default: LIVING. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_socket_options_set_edition(domws_socket_options *options,
                                      domws_edition edition,
                                      domws_error *error);

/// Adds a subprotocol to ask for, behind those that were added before. Whether it can be one is seen when a socket is
/// opened. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_socket_options_add_protocol(domws_socket_options *options,
                                       domws_string protocol,
                                       domws_error *error);

/// The origin to speak for: a URL, or "null", the default where there is no base URL. Whether it is one is seen when
/// a socket is opened. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_socket_options_set_origin(domws_socket_options *options,
                                     domws_string origin,
                                     domws_error *error);

/// What a relative URL is resolved against, in the living edition; also the origin, where no other is set. Whether it
/// is a URL is seen when a socket is opened. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_socket_options_set_base_url(domws_socket_options *options,
                                       domws_string url,
                                       domws_error *error);

/// The document that sockets belong to, in place of an own one with the origin and base URL of these options. NULL:
/// an own one. The options keep it. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_socket_options_set_document(domws_socket_options *options,
                                       domws_document *document,
                                       domws_error *error);

/// The user agent, whose settings apply. NULL: the loop's own, with the default settings. The options keep it. False
/// where it fails. Thread: the options'. `error` may be NULL.
bool domws_socket_options_set_user_agent(domws_socket_options *options,
                                         domws_user_agent *user_agent,
                                         domws_error *error);

/// Adds a field to the request: a token in `Authorization`, for one. INVALID_ARGUMENT where the name is no token, the
/// value has a control character, or the field is the handshake's own. False where it fails. Thread: the options'.
/// `error` may be NULL.
bool domws_socket_options_add_header(domws_socket_options *options,
                                     domws_string name,
                                     domws_string value,
                                     domws_error *error);

/// Whether a socket stays half open when the server has finished: an `end` event tells of that, and it can go on
/// sending until it finishes or closes. Default: no. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_socket_options_set_half_open(domws_socket_options *options,
                                        bool half_open,
                                        domws_error *error);

/// Calls this with each step of each socket's connection, beside the user agent's own observer. It replaces the one
/// before; NULL: there is none. `data` is destroyed with the options and the last of their sockets. False where it
/// fails. Thread: the options'. `error` may be NULL.
bool domws_socket_options_set_observer(domws_socket_options *options,
                                       domws_observer_callback callback,
                                       void *data,
                                       domws_destroy destroy,
                                       domws_error *error);

/// `new Event(type, options)`; `options` are `DOMWS_EVENT_BUBBLES` and its kin, added. NULL where it fails. To be given
/// back by `domws_event_release`. Thread: any, whose it is then. `error` may be NULL.
domws_event *domws_event_new(domws_string type,
                             uint32_t options,
                             domws_error *error);

/// `new MessageEvent(type, options)`, with a copy of `data`, as what `data_type` says: text is read as any other; NONE
/// is INVALID_ARGUMENT. Otherwise as `domws_event_new`. NULL where it fails. Thread: any, whose it is then. `error` may
/// be NULL.
domws_event *domws_event_new_message(domws_string type,
                                     uint32_t options,
                                     domws_data_type data_type,
                                     domws_bytes data,
                                     domws_string origin,
                                     domws_error *error);

/// `new CloseEvent(type, options)`. Otherwise as `domws_event_new`. NULL where it fails. Thread: any, whose it is then.
/// `error` may be NULL.
domws_event *domws_event_new_close(domws_string type,
                                   uint32_t options,
                                   bool was_clean,
                                   uint16_t code,
                                   domws_string reason,
                                   domws_error *error);

/// `dispatchEvent(event)`: calls the listeners before it returns, each with an event that is the same by another
/// pointer. The event stays the caller's, and can be dispatched again. False where a listener prevented the default,
/// with NONE, and where it fails: INVALID_STATE while it is dispatched already, INVALID_ARGUMENT for a copy. Thread:
/// the loop's. `error` may be NULL.
bool domws_socket_dispatch_event(domws_socket *socket,
                                 domws_event *event,
                                 domws_error *error);

/// Binds an address, such as `127.0.0.1:9001` or `[::]:9001`, and accepts clients from the loop's next turn on. Port
/// 0 takes a free one. `options` may be NULL for the defaults, are read only now, and can be used again. NULL where
/// it fails: IO where it can't be bound. To be given back by `domws_server_release`. Thread: the loop's. `error` may
/// be NULL.
domws_server *domws_server_listen(domws_loop *event_loop,
                                  domws_string address,
                                  const domws_server_options *options,
                                  domws_error *error);

/// Accepts the clients of a TCP socket that listens already: one that was inherited, as of systemd, or has options of
/// its own. The descriptor is duplicated, and stays the caller's; it doesn't block from now on (O_NONBLOCK is of both).
/// UNSUPPORTED where the system is no Unix. Otherwise as `domws_server_listen`. NULL where it fails. Thread: the loop's.
/// `error` may be NULL.
domws_server *domws_server_from_descriptor(domws_loop *event_loop,
                                           int descriptor,
                                           const domws_server_options *options,
                                           domws_error *error);

/// One more handle: the same pointer, to be released once more. NULL for NULL. Thread: the loop's.
domws_server *domws_server_retain(domws_server *server);

/// Gives a handle back, before or after its loop; the last one closes the server. NULL: nothing is done. Thread: the
/// loop's; on another one nothing is done, and the handle is lost.
void domws_server_release(domws_server *server);

/// The address that is listened at, with its port. It stays as long as the handle. NULL: empty. Thread: the loop's.
domws_string domws_server_address(const domws_server *server);

/// The port that is listened at. NULL: 0. Thread: the loop's.
uint16_t domws_server_port(const domws_server *server);

/// Sets what answers a client before the handshake goes on. It replaces the one before. Where none was ever set every
/// client is accepted, with the first subprotocol that it offers. `data` is destroyed when it is replaced, or with
/// the server. False where it fails, as for a `callback` of NULL. Thread: the loop's. `error` may be NULL.
bool domws_server_set_onrequest(domws_server *server,
                                domws_request_callback callback,
                                void *data,
                                domws_destroy destroy,
                                domws_error *error);

/// Sets what answers GET requests that ask for no WebSocket, by `domws_request_respond`: a page that opens one, say, or
/// whether the server is well. Without an answer it is 404. It replaces the one before; where none was ever set they
/// get 400, as other methods do. It is no web server: each response ends its connection. `data` is destroyed when it is
/// replaced, or with the server. False where it fails, as for a `callback` of NULL. Thread: the loop's. `error` may be
/// NULL.
bool domws_server_set_onhttp(domws_server *server,
                             domws_request_callback callback,
                             void *data,
                             domws_destroy destroy,
                             domws_error *error);

/// Sets what gets each open connection. It replaces the one before; without one connections are closed. `data` is
/// destroyed when it is replaced, or with the server. False where it fails, as for a `callback` of NULL. Thread: the
/// loop's. `error` may be NULL.
bool domws_server_set_onconnection(domws_server *server,
                                   domws_connection_callback callback,
                                   void *data,
                                   domws_destroy destroy,
                                   domws_error *error);

/// Stops listening, and lets go of the callbacks. Connections live on. NULL: nothing is done. Thread: the loop's.
void domws_server_close(domws_server *server);

/// The resource name: path and query, beginning with "/". It is valid as long as the request. NULL: empty. Thread:
/// the loop's.
domws_string domws_request_resource_name(const domws_request *request);

/// The `Host` field. It is valid as long as the request. NULL, or where there is none: empty. Thread: the loop's.
domws_string domws_request_host(const domws_request *request);

/// The `Origin` field: the page that the client says it acts for. It is valid as long as the request. NULL, or where
/// there is none: empty. Thread: the loop's.
domws_string domws_request_origin(const domws_request *request);

/// The edition of the client. NULL: LIVING. Thread: the loop's.
domws_edition domws_request_edition(const domws_request *request);

/// The value of the first field of this name, whatever its case. It is valid as long as the request. Where there is
/// none, and for NULL: empty, with NULL for data. Thread: the loop's.
domws_string domws_request_field(const domws_request *request,
                                 domws_string name);

/// How many fields there are. NULL: 0. Thread: the loop's.
size_t domws_request_field_count(const domws_request *request);

/// The name of a field, in lower case, by its place, from 0. It is valid as long as the request. NULL, or where there
/// is none: empty. Thread: the loop's.
domws_string domws_request_field_name(const domws_request *request,
                                      size_t index);

/// The value of a field, by its place. It is valid as long as the request. NULL, or where there is none: empty.
/// Thread: the loop's.
domws_string domws_request_field_value(const domws_request *request,
                                       size_t index);

/// A subprotocol that the client offers, by its place in the order of preference, from 0. It is valid as long as the
/// request. NULL, or behind the last one: empty. Thread: the loop's.
domws_string domws_request_protocol(const domws_request *request,
                                    size_t index);

/// The value of a cookie (RFC 6265 section 4.2.1), the first of this name. It is valid as long as the request. Where
/// there is none, and for NULL: empty, with NULL for data. Thread: the loop's.
domws_string domws_request_cookie(const domws_request *request,
                                  domws_string name);

/// Has the client accepted, in `onrequest`: with this subprotocol, which has to be one that it offered, or with none
/// where it is empty. The last answer counts; without one the client is refused. INVALID_STATE in `onhttp`, GONE
/// elsewhere. False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_request_accept(domws_request *request,
                          domws_string protocol,
                          domws_error *error);

/// Has the client refused, in `onrequest` and `onhttp`: with status 403, or in draft 76 without a word. GONE elsewhere.
/// False where it fails. Thread: the loop's. `error` may be NULL.
bool domws_request_refuse(domws_request *request,
                          domws_error *error);

/// Answers in HTTP, in `onhttp`, and in `onrequest` to turn the client away (in draft 76 as `domws_request_refuse`):
/// with a status from 200 to 599 and a copy of the body, which is of this media type (empty:
/// `application/octet-stream`, where there is a body). INVALID_ARGUMENT for another status, GONE elsewhere. False where
/// it fails. Thread: the loop's. `error` may be NULL.
bool domws_request_respond(domws_request *request,
                           uint16_t status,
                           domws_string media_type,
                           domws_bytes body,
                           domws_error *error);

/// Adds a field to the response that `domws_request_respond` has given before, in `onhttp` else to the 404;
/// INVALID_STATE where there is none. A name that is no token or is HTTP's framing (`Content-Length` and the like) is
/// left out; a control character in the value becomes a space. GONE outside of `onrequest` and `onhttp`. False where it
/// fails. Thread: the loop's. `error` may be NULL.
bool domws_request_add_response_field(domws_request *request,
                                      domws_string name,
                                      domws_string value,
                                      domws_error *error);

/// The defaults. NULL where that fails. To be given back by `domws_server_options_release`. Thread: any, whose it is
/// then. `error` may be NULL.
domws_server_options *domws_server_options_new(domws_error *error);

/// Gives options back; servers that were made with them stay as they are. NULL: nothing is done. Thread: their own.
void domws_server_options_release(domws_server_options *options);

/// Accepts clients of this edition only. Default: of both, on the same port. False where it fails. Thread: the
/// options'. `error` may be NULL.
bool domws_server_options_set_edition(domws_server_options *options,
                                      domws_edition edition,
                                      domws_error *error);

/// How much memory one connection may cost; see `domws_limit`. INVALID_ARGUMENT for another one. False where it
/// fails. Thread: the options'. `error` may be NULL.
bool domws_server_options_set_limit(domws_server_options *options,
                                    domws_limit limit,
                                    size_t value,
                                    domws_error *error);

/// How long a wait on a client lasts at the most, in milliseconds, or `DOMWS_FOREVER` where that can be; see
/// `domws_timeout`. INVALID_ARGUMENT for another one. False where it fails. Thread: the options'. `error` may be
/// NULL.
bool domws_server_options_set_timeout(domws_server_options *options,
                                      domws_timeout timeout,
                                      int64_t milliseconds,
                                      domws_error *error);

/// Whether permessage-deflate is agreed to. Default: yes. False where it fails. Thread: the options'. `error` may be
/// NULL.
bool domws_server_options_set_compression(domws_server_options *options,
                                          bool compression,
                                          domws_error *error);

/// How permessage-deflate is agreed to. What is out of range is brought inside. False where it fails. Thread: the
/// options'. `error` may be NULL.
bool domws_server_options_set_compression_options(domws_server_options *options,
                                                  domws_compression compression,
                                                  domws_error *error);

/// Who ends TCP first; see `domws_active_close`. INVALID_ARGUMENT for another one. False where it fails. Thread: the
/// options'. `error` may be NULL.
bool domws_server_options_set_active_close(domws_server_options *options,
                                           domws_active_close active_close,
                                           domws_error *error);

/// Whether sockets are half open once a client has finished, as `domws_socket_options_set_half_open` has it. Default:
/// no. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_server_options_set_half_open(domws_server_options *options,
                                        bool half_open,
                                        domws_error *error);

/// Whether other servers that say so too may listen at the same address (`SO_REUSEPORT`): one for each loop, on a
/// thread of its own. Default: no. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_server_options_set_reuse_port(domws_server_options *options,
                                         bool reuse_port,
                                         domws_error *error);

/// Whether clients reach this server by `wss:`, through something in front of it that ends TLS. Default: no. False
/// where it fails. Thread: the options'. `error` may be NULL.
bool domws_server_options_set_secure(domws_server_options *options,
                                     bool secure,
                                     domws_error *error);

/// Serves `wss:` with this certificate (PEM: its own first, then those that vouch for it) and its key. They are
/// copied; whether they fit each other is seen when a server is made. UNSUPPORTED without TLS. False where it fails.
/// Thread: the options'. `error` may be NULL.
bool domws_server_options_set_tls(domws_server_options *options,
                                  domws_bytes chain,
                                  domws_bytes key,
                                  domws_error *error);

/// A user agent with these options, which may be NULL for the defaults, are read only now, and can be used again.
/// NULL where that fails. To be given back by `domws_user_agent_release`. Thread: the options'. `error` may be NULL.
domws_user_agent *domws_user_agent_new(const domws_user_agent_options *options,
                                       domws_error *error);

/// One more handle: the same pointer, to be released once more. NULL for NULL. Thread: its own.
domws_user_agent *domws_user_agent_retain(domws_user_agent *user_agent);

/// Gives a handle back; its sockets keep it. NULL: nothing is done. Thread: its own.
void domws_user_agent_release(domws_user_agent *user_agent);

/// One more handle: the same pointer, to be released by `domws_challenge_release`. NULL for NULL. Thread: its own.
domws_challenge *domws_challenge_retain(domws_challenge *challenge);

/// Gives a handle back; with the last one of a challenge that was not answered the connection fails. NULL: nothing is
/// done. Thread: its own.
void domws_challenge_release(domws_challenge *challenge);

/// Who asks, as `host` or `host:port`. It stays as long as the handle. NULL: empty. Thread: its own.
domws_string domws_challenge_host(const domws_challenge *challenge);

/// What the credentials are for. SOCKS5 has none. It stays as long as the handle. NULL: empty. Thread: its own.
domws_string domws_challenge_realm(const domws_challenge *challenge);

/// Whether a proxy asks. NULL: false. Thread: its own.
bool domws_challenge_is_proxy(const domws_challenge *challenge);

/// How the password will be proved. NULL: BASIC. Thread: its own.
domws_auth_scheme domws_challenge_scheme(const domws_challenge *challenge);

/// 1 the first time; one more each time that credentials were refused. NULL: 0. Thread: its own.
uint32_t domws_challenge_attempt(const domws_challenge *challenge);

/// Answers, once: GONE the second time, and where nobody waits any more. INVALID_ARGUMENT where there is a control
/// character in one of them. False where it fails. Thread: its own. `error` may be NULL.
bool domws_challenge_answer(domws_challenge *challenge,
                            domws_string user,
                            domws_string password,
                            domws_error *error);

/// An empty jar. NULL where that fails: UNSUPPORTED, where the library was built without. To be given back by
/// `domws_cookie_jar_release`. Thread: any, whose it is then. `error` may be NULL.
domws_cookie_jar *domws_cookie_jar_new(domws_error *error);

/// One more handle: the same pointer, to be released once more. NULL for NULL. Thread: its own.
domws_cookie_jar *domws_cookie_jar_retain(domws_cookie_jar *jar);

/// Gives a handle back; user agents keep the jar. NULL: nothing is done. Thread: its own.
void domws_cookie_jar_release(domws_cookie_jar *jar);

/// Stores a cookie as if the server at this URL had sent it in a `Set-Cookie` field. False where RFC 6265 has it
/// ignored, with NONE, and where it fails. Thread: its own. `error` may be NULL.
bool domws_cookie_jar_set(domws_cookie_jar *jar,
                          domws_string url,
                          domws_string set_cookie,
                          domws_error *error);

/// Writes what a `Cookie` field to this URL says into `buffer`, as much as there is room for: `capacity` bytes, or
/// none if `buffer` is NULL. Nothing terminates it. Returns how many bytes it has; 0 where there are no cookies for
/// it, and for NULL. Thread: its own.
size_t domws_cookie_jar_cookies(const domws_cookie_jar *jar,
                                domws_string url,
                                char *buffer,
                                size_t capacity);

/// Adds the cookies of a file in Netscape's format, which curl and wget share. Lines that are no cookie are skipped. IO
/// where it can't be read to its end. False where it fails. Thread: its own. `error` may be NULL.
bool domws_cookie_jar_load(domws_cookie_jar *jar,
                           domws_string path,
                           domws_error *error);

/// Writes the cookies into a file, as `domws_cookie_jar_load` reads them, those that end with the session too. It is
/// made if there is none, on Unix for its owner's eyes only, or written anew: beside it, so that one that can't be
/// written leaves what there was. IO where that can't be. False where it fails. Thread: its own. `error` may be NULL.
bool domws_cookie_jar_save(const domws_cookie_jar *jar,
                           domws_string path,
                           domws_error *error);

/// Forgets all cookies. NULL: nothing is done. Thread: its own.
void domws_cookie_jar_clear(domws_cookie_jar *jar);

/// The document at this absolute URL, or "null" for one with an opaque origin. An `origin` that is not empty is its
/// own in place of the URL's, as a sandboxed one has. NULL, with SYNTAX, where one of them is no URL. To be given
/// back by `domws_document_release`. Thread: any, whose it is then. `error` may be NULL.
domws_document *domws_document_new(domws_string url,
                                   domws_string origin,
                                   domws_error *error);

/// One more handle: the same pointer, to be released once more. NULL for NULL. Thread: its own.
domws_document *domws_document_retain(domws_document *document);

/// Gives a handle back; its sockets stay. NULL: nothing is done. Thread: its own.
void domws_document_release(domws_document *document);

/// The origin, as it is sent. It stays as long as the handle. NULL: empty. Thread: its own.
domws_string domws_document_origin(const domws_document *document);

/// Whether it has not been unloaded. False for NULL. Thread: its own.
bool domws_document_is_fully_active(const domws_document *document);

/// Leaves the page: ends the connection of each of its sockets, without an event, and lets no more be opened. True if
/// it is still salvageable: it had no connection open. False for NULL. Thread: its own.
bool domws_document_unload(domws_document *document);

/// What is offered where nothing else is said. Thread: any.
domws_compression domws_compression_defaults(void);

/// The socket's number: a user agent counts those that it opens, from 1. NULL: 0. Thread: the observer's.
uint64_t domws_observation_socket(const domws_observation *observation);

/// The URL that was asked for, without credentials and query. It is valid as long as the observation. NULL: empty.
/// Thread: the observer's.
domws_string domws_observation_url(const domws_observation *observation);

/// What happened. NULL: OTHER. Thread: the observer's.
domws_step domws_observation_step(const domws_observation *observation);

/// What happened, in words: a line for a log, with the real cause of a failure. It is valid as long as the
/// observation. NULL: empty. Thread: the observer's.
domws_string domws_observation_text(const domws_observation *observation);

/// Why it failed, of NOT_CONNECTED and FAILED. Otherwise, and for NULL: NONE. Thread: the observer's.
domws_failure domws_observation_failure(const domws_observation *observation);

/// The system's number (`errno`) for why it failed; 0 where there is none, and for NULL. Thread: the observer's.
int domws_observation_os_error(const domws_observation *observation);

/// The status of the answer: RESPONDED's, or that of a failure over it (STATUS, PROXY_STATUS). 0 where there is none,
/// and for NULL. Thread: the observer's.
uint16_t domws_observation_status(const domws_observation *observation);

/// The close code, of CLOSED. Otherwise, and for NULL: 0. Thread: the observer's.
uint16_t domws_observation_code(const domws_observation *observation);

/// The defaults. NULL where that fails. To be given back by `domws_user_agent_options_release`. Thread: any, whose it
/// is then. `error` may be NULL.
domws_user_agent_options *domws_user_agent_options_new(domws_error *error);

/// Gives options back; user agents that were made with them stay as they are. NULL: nothing is done. Thread: their
/// own.
void domws_user_agent_options_release(domws_user_agent_options *options);

/// How much memory one connection may cost; see `domws_limit`. INVALID_ARGUMENT for another one. False where it
/// fails. Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_set_limit(domws_user_agent_options *options,
                                        domws_limit limit,
                                        size_t value,
                                        domws_error *error);

/// How long a wait on a peer lasts at the most, in milliseconds, or `DOMWS_FOREVER` where that can be; see
/// `domws_timeout`. INVALID_ARGUMENT for another one. False where it fails. Thread: the options'. `error` may be
/// NULL.
bool domws_user_agent_options_set_timeout(domws_user_agent_options *options,
                                          domws_timeout timeout,
                                          int64_t milliseconds,
                                          domws_error *error);

/// Adds a field to the request of every socket, `User-Agent` for one. INVALID_ARGUMENT where the name is no token,
/// the value has a control character, or the field is the handshake's own. False where it fails. Thread: the
/// options'. `error` may be NULL.
bool domws_user_agent_options_add_header(domws_user_agent_options *options,
                                         domws_string name,
                                         domws_string value,
                                         domws_error *error);

/// Whether permessage-deflate is offered, in the living edition. Default: yes. False where it fails. Thread: the
/// options'. `error` may be NULL.
bool domws_user_agent_options_set_compression(domws_user_agent_options *options,
                                              bool compression,
                                              domws_error *error);

/// How permessage-deflate is offered, in the living edition. What is out of range is brought inside. False where it
/// fails. Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_set_compression_options(domws_user_agent_options *options,
                                                      domws_compression compression,
                                                      domws_error *error);

/// The `count` ports that no socket may connect to, in place of those of Fetch. 80 and 443 are never blocked. They
/// are copied. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_set_blocked_ports(domws_user_agent_options *options,
                                                const uint16_t *ports,
                                                size_t count,
                                                domws_error *error);

/// Whether a document with an `https:` origin is kept from opening `ws:` URLs. Default: yes. False where it fails.
/// Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_set_block_mixed_content(domws_user_agent_options *options,
                                                      bool block,
                                                      domws_error *error);

/// Follows so many redirects of one handshake. Default: none, as the standards have it. False where it fails. Thread:
/// the options'. `error` may be NULL.
bool domws_user_agent_options_set_follow_redirects(domws_user_agent_options *options,
                                                   size_t count,
                                                   domws_error *error);

/// Has the system ask idle peers whether they are there, first after so many milliseconds. Default: no. False where
/// it fails. Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_set_tcp_keep_alive(domws_user_agent_options *options,
                                                 uint32_t milliseconds,
                                                 domws_error *error);

/// Who ends TCP first; see `domws_active_close`. INVALID_ARGUMENT for another one. False where it fails. Thread: the
/// options'. `error` may be NULL.
bool domws_user_agent_options_set_active_close(domws_user_agent_options *options,
                                               domws_active_close active_close,
                                               domws_error *error);

/// Writes each failed connection with its cause on a line of standard error, as a browser's console does: nothing else
/// says why, but an observer. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_log_failures(domws_user_agent_options *options,
                                           domws_error *error);

/// Calls this with each step of each socket's connection, and with the real cause of its failure: all that is kept
/// from script. It replaces the one before; NULL: there is none. `data` is destroyed with the options and the last
/// user agent made with them. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_set_observer(domws_user_agent_options *options,
                                           domws_observer_callback callback,
                                           void *data,
                                           domws_destroy destroy,
                                           domws_error *error);

/// Trusts the certificates in this PEM text in place of the system's roots; more calls add more. INVALID_ARGUMENT
/// where there is none in it, or one that can't vouch for others. UNSUPPORTED without TLS. False where it fails.
/// Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_add_root_certificates(domws_user_agent_options *options,
                                                    domws_bytes pem,
                                                    domws_error *error);

/// `domws_user_agent_options_add_root_certificates` of what is in a file, which is read now. IO where it can't be.
/// False where it fails. Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_add_root_certificate_file(domws_user_agent_options *options,
                                                        domws_string path,
                                                        domws_error *error);

/// Shows this certificate, with those that vouch for it, to whoever asks for one; both are PEM. INVALID_ARGUMENT
/// where one is missing, or they don't belong together. UNSUPPORTED without TLS. False where it fails. Thread: the
/// options'. `error` may be NULL.
bool domws_user_agent_options_set_client_certificate(domws_user_agent_options *options,
                                                     domws_bytes chain,
                                                     domws_bytes key,
                                                     domws_error *error);

/// **Believes whoever answers.** For tests. UNSUPPORTED without TLS. False where it fails. Thread: the options'.
/// `error` may be NULL.
bool domws_user_agent_options_dangerously_accept_any_certificate(domws_user_agent_options *options,
                                                                 domws_error *error);

/// Asks this for credentials when a proxy wants some (407, or SOCKS5's) and does not take those of its URL; again
/// each time that they are refused. The time that it takes does not count against the handshake's. It replaces the
/// one before; NULL: nobody is asked. `data` goes as an observer's. UNSUPPORTED without credentials. False where it
/// fails. Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_set_proxy_credentials(domws_user_agent_options *options,
                                                    domws_credentials_callback callback,
                                                    void *data,
                                                    domws_destroy destroy,
                                                    domws_error *error);

/// Asks this for credentials when a server answers 401, and does not take those of the URL; again each time that they
/// are refused. The time that it takes does not count against the handshake's. It replaces the one before; NULL:
/// nobody is asked. `data` goes as an observer's. UNSUPPORTED without credentials. False where it fails. Thread: the
/// options'. `error` may be NULL.
bool domws_user_agent_options_set_server_credentials(domws_user_agent_options *options,
                                                     domws_credentials_callback callback,
                                                     void *data,
                                                     domws_destroy destroy,
                                                     domws_error *error);

/// Sends and keeps cookies: the options keep the jar. UNSUPPORTED without cookies. False where it fails. Thread: the
/// options'. `error` may be NULL.
bool domws_user_agent_options_set_cookie_jar(domws_user_agent_options *options,
                                             domws_cookie_jar *jar,
                                             domws_error *error);

/// Goes through this proxy, in place of any that were set: `http://host:port`, `https://...` or `socks5://...`, with
/// `user:password@` before the host where it wants that. INVALID_ARGUMENT where it is none. UNSUPPORTED without
/// proxies. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_set_proxy(domws_user_agent_options *options,
                                        domws_string url,
                                        domws_error *error);

/// Sets the proxy that is configured for one kind of connection; see `domws_proxy_use`. Otherwise as
/// `domws_user_agent_options_set_proxy`. False where it fails. Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_set_proxy_for(domws_user_agent_options *options,
                                            domws_proxy_use proxy_use,
                                            domws_string url,
                                            domws_error *error);

/// The hosts that are reached without a proxy, in the manner of `NO_PROXY`: names (with all below them), addresses,
/// networks, or `*`, between commas or spaces. UNSUPPORTED without proxies. False where it fails. Thread: the options'. `error`
/// may be NULL.
bool domws_user_agent_options_set_proxy_bypass(domws_user_agent_options *options,
                                               domws_string hosts,
                                               domws_error *error);

/// Takes proxies and what is reached without from the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` and the
/// like), as it is now. INVALID_ARGUMENT where one of them is none. UNSUPPORTED without proxies. False where it
/// fails. Thread: the options'. `error` may be NULL.
bool domws_user_agent_options_set_proxies_from_environment(domws_user_agent_options *options,
                                                           domws_error *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/// A terminated text, with its length; NULL is an empty one. Thread: any.
static inline domws_string domws_str(const char *text) {
    domws_string string;
    string.data = text;
    string.len = text ? strlen(text) : 0;
    return string;
}

#endif
