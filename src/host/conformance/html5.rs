//! The object of March 2010 for script: r4820 section 10.3.

use super::{Fixture, Subject};
use crate::{Edition, UserAgent, WebSocket};

fn html5<S: Subject>() -> Fixture<S> {
    Fixture::with(|options| options.edition(Edition::Html5))
}

pub(super) fn the_interface_is_that_of_2010<S: Subject>() {
    html5::<S>().test(
        r"
        const names = Object.keys(WebSocket.prototype).filter((n) => n !== 'constructor').sort().join();
        same(names, 'CLOSED,CLOSING,CONNECTING,OPEN,URL,bufferedAmount,close,onclose,onerror,onmessage,onopen,readyState,send');
        const socket = new WebSocket('ws://127.0.0.1:4/x');
        same(socket.URL, 'ws://127.0.0.1:4/x');
        for (const name of ['url', 'protocol', 'extensions', 'binaryType']) same(name in socket, false, name);
        same(WebSocket.CLOSING, 2); same(WebSocket.CLOSED, 3);
        for (const name of ['code', 'reason']) same(name in CloseEvent.prototype, false);
        same(CloseEvent.prototype.initCloseEvent.length, 4);
        same(MessageEvent.prototype.initMessageEvent.length, 8);
        same(Event.prototype.initEvent.length, 3);
        same(WebSocket.prototype.send.length, 1); same(WebSocket.prototype.close.length, 0);
        same(socket instanceof EventTarget, true);
        socket.onclose = () => {};",
    );
}

pub(super) fn the_constructor_takes_one_protocol<S: Subject>() {
    html5::<S>().test(
        r"
        const url = 'ws://127.0.0.1:4/';
        new WebSocket(url); new WebSocket(url, 'a b'); new WebSocket(url, ['a', 'b']); new WebSocket(url, undefined);
        for (const protocol of ['', '\u00e4', '\n', []]) {
            const e = throws('SyntaxError', () => new WebSocket(url, protocol));
            same(e.code, DOMException.SYNTAX_ERR);
        }
        for (const bad of ['/relative', 'http://x/', 'ws://x/#', 'ws://x/#f']) throws('SyntaxError', () => new WebSocket(bad), bad);",
    );
}

pub(super) fn send_returns_a_boolean<S: Subject>() {
    let fixture = html5::<S>();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        same(throws('InvalidStateError', () => socket.send('x')).code, 11);
        throws('InvalidStateError', () => socket.send('\ud800'));
        socket.onopen = () => {
            same(socket.send('\u20ac'), true);
            same(socket.bufferedAmount, 3);
            same(throws('SyntaxError', () => socket.send('a\ud800')).code, 12);
            same(socket.send(new Uint8Array([1, 2])), true);
            same(socket.send(new Blob(['x'])), true);
        };
        socket.onmessage = (e) => {
            log.push(e.data); same(e.origin, ''); same(e.lastEventId, ''); same(e.source, null); same(e.ports, null);
            if (log.length < 3) return;
            socket.close();
            same(socket.send('late'), false);
            throws('SyntaxError', () => socket.send('\udc00'));
        };
        socket.onclose = (e) => { log.push(e.wasClean); same(socket.send('later'), false); same(socket.bufferedAmount, 9); };",
    );
    assert_eq!(fixture.log(), "€ 1,2 [object Blob] true");
}

pub(super) fn close_takes_no_arguments<S: Subject>() {
    let fixture = html5::<S>();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.onopen = () => { same(socket.close(1, { toString() { failures.push('converted'); } }), undefined); same(socket.readyState, 2); };
        socket.onclose = (e) => log.push(e.wasClean);",
    );
    assert_eq!(fixture.log(), "true");
}

pub(super) fn handlers_run_ahead_of_listeners<S: Subject>() {
    html5::<S>().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:4/');
        socket.addEventListener('message', () => log.push('listener'));
        socket.addEventListener('message', () => log.push('capture'), true);
        socket.onmessage = () => log.push('handler');
        socket.dispatchEvent(new MessageEvent('message'));
        socket.onmessage = null;
        socket.onmessage = () => log.push('again');
        socket.dispatchEvent(new MessageEvent('message'));
        same(log.join(), 'capture,handler,listener,capture,again,listener');",
    );
}

pub(super) fn messages_arrive_while_closing<S: Subject>() {
    let fixture = html5::<S>();
    fixture.serve(|socket: &WebSocket| {
        for i in 0..4 {
            socket.send(format!("{i}")).unwrap();
        }
    });
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.onmessage = ({ data }) => { log.push(data + socket.readyState); if (data === '1') socket.close(); };
        socket.onclose = (e) => log.push(e.wasClean);",
    );
    assert_eq!(fixture.log(), "01 11 22 32 true");
}

pub(super) fn a_failure_is_a_close_alone<S: Subject>() {
    let fixture = html5::<S>();
    fixture.test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:4/');
        socket.onerror = () => failures.push('error');
        socket.onclose = (e) => log.push(e.wasClean, socket.readyState);",
    );
    assert_eq!(fixture.log(), "false 3");
}

pub(super) fn init_methods_make_events<S: Subject>() {
    html5::<S>().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:4/');
        const close = new CloseEvent('x');
        close.initCloseEvent('close', false, true, 1);
        same([close.type, close.bubbles, close.cancelable, close.wasClean].join(), 'close,false,true,true');
        throws('TypeError', () => close.initCloseEvent('close', false, true));
        throws('TypeError', () => close.initEvent('close'));
        socket.onclose = (e) => { log.push(e.wasClean); return false; };
        same(socket.dispatchEvent(close), false);
        const message = new MessageEvent('x');
        message.initMessageEvent('message', false, false, 'data', 'origin', 'id', null, null);
        same([message.data, message.origin, message.lastEventId, message.ports].join(), 'data,origin,id,');
        throws('TypeError', () => message.initMessageEvent('message', false, false, 'data', 'origin', 'id', null));
        socket.onmessage = (e) => log.push(e.data);
        socket.dispatchEvent(message);
        const event = new Event('x');
        event.initEvent('open', true, true);
        socket.onopen = (e) => log.push(e.type, e.eventPhase);
        socket.dispatchEvent(event);
        same(log.join(), 'true,data,open,2');
        socket.onclose = null;",
    );
}

pub(super) fn a_blocked_port_throws<S: Subject>() {
    Fixture::<S>::with(|options| {
        options
            .edition(Edition::Html5)
            .user_agent(&UserAgent::builder().blocked_ports([25]).build())
    })
    .test(
        r"
        const e = throws('SecurityError', () => new WebSocket('ws://127.0.0.1:25/', '\n'));
        same(e.code, DOMException.SECURITY_ERR);
        throws('SyntaxError', () => new WebSocket('ws://127.0.0.1:25/#'));",
    );
}
