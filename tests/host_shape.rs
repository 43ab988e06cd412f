//! The shape of the interfaces.
#![cfg(feature = "quickjs")]
use dom_websocket::{EventLoop, host};

#[test]
fn it_runs() {
    let event_loop = EventLoop::new();
    let context = rquickjs::Context::full(&rquickjs::Runtime::new().unwrap()).unwrap();
    let page = host::quickjs::install(&context, host::Options::new(&event_loop)).unwrap();
    let text: String = page.run(|cx| {
        cx.eval::<String, _>(
            "const out = [];
             for (const n of ['WebSocket','CloseEvent','MessageEvent','ErrorEvent','Event','EventTarget','DOMException','Blob','AbortController','AbortSignal']) {
               const I = globalThis[n]; const d = Object.getOwnPropertyDescriptor(globalThis, n);
               out.push([n, I.name, I.length, d.writable, d.enumerable, d.configurable, Object.prototype.toString.call(I.prototype), Object.getPrototypeOf(I)?.name, Reflect.ownKeys(I.prototype).map(String).join(' ')].join());
             }
             try { new WebSocket('ws://x/#') } catch (e) { out.push(String(e), e.code, e instanceof Error, e instanceof DOMException, e.stack) }
             try { WebSocket('ws://x/') } catch (e) { out.push(String(e)) }
             try { new WebSocket() } catch (e) { out.push(String(e)) }
             try { WebSocket.prototype.url } catch (e) { out.push(String(e)) }
             const t = new EventTarget(); t.addEventListener('\\ud800', e => out.push(escape(e.type), e.eventPhase, e.target === t, e.currentTarget === t)); t.dispatchEvent(new Event('\\ud800'));
             out.push(JSON.stringify(Object.getOwnPropertyDescriptor(new Event('x'), 'isTrusted')));
             const s = new WebSocket('ws://127.0.0.1:1/'); s.onclose = e => { globalThis.closed = e.code };
             class X extends WebSocket {}; const x = new X('ws://127.0.0.1:1/'); out.push(x instanceof X, x.url, x.readyState);
             globalThis.order = [];
             s.addEventListener('error', () => { order.push('error 1'); Promise.resolve().then(() => order.push('micro 1')) });
             s.addEventListener('error', () => { order.push('error 2'); Promise.resolve().then(() => order.push('micro 2')); throw new TypeError('oops') });
             out.join('\\n')",
        )
    }).map_err(|_| ()).unwrap_or_else(|()| page.run(|cx| format!("{:?}", cx.catch().into_exception())));
    println!("{text}");
    event_loop.run();
    let text: String = page.run(|cx| cx.eval("order.join() + closed").unwrap());
    println!("{text}");
}
