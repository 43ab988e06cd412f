/* quickjs [IN_A_ROW AT_ONCE]: the WebSocket of examples/quickjs. The engine and the loop go in either order, at any
 * moment; so many sockets are opened and closed one behind the other, then so many are open at once, and nothing is
 * left of them. (It wants GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1, as glibc else counts
 * what threads keep.) */
#include "check.h"
#include "echo_server.h"
#include "page.h"
#include "runtime.h"

#include <malloc.h>
#include <poll.h>
#include <sys/resource.h>

struct host {
    domws_loop *loop;
    JSRuntime *runtime;
    JSContext *context;
    struct page *page;
};

/* Leaves the page in the middle of a handler. */
static JSValue leave(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    (void)this_value, (void)argc, (void)argv;
    domws_document_unload(page_of(context)->document);
    return JS_UNDEFINED;
}

static struct host open_host_at(const struct echo_server *server, bool has_document) {
    struct host host = {new_loop(), JS_NewRuntime(), NULL, NULL};
    domws_document *document = NULL;
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", echo_server_port(server));
    host.context = JS_NewContext(host.runtime);
    if (has_document)
        document = domws_document_new(domws_str(url), domws_str(NULL), NULL);
    host.page = page_new(host.context, host.loop, document, NULL);
    CHECK(host.page);
    JS_SetPropertyStr(host.context, host.page->global, "url", JS_NewString(host.context, url));
    JS_SetPropertyStr(host.context, host.page->global, "leave", JS_NewCFunction(host.context, leave, "leave", 0));
    return host;
}

static struct host open_host(const struct echo_server *server) {
    return open_host_at(server, true);
}

static void close_engine(struct host *host) {
    page_free(host->page);
    JS_FreeContext(host->context);
    JS_FreeRuntime(host->runtime);
}

static void evaluate(struct host *host, const char *script) {
    page_enter(host->page);
    JSValue result = JS_Eval(host->context, script, strlen(script), "test.js", JS_EVAL_TYPE_GLOBAL);
    if (JS_IsException(result))
        page_report(host->page);
    CHECK(!JS_IsException(result));
    JS_FreeValue(host->context, result);
    page_leave(host->page);
}

/* A number that a script left on the global object. */
static int32_t number(struct host *host, const char *name) {
    JSValue value = JS_GetPropertyStr(host->context, host->page->global, name);
    int32_t number = -1;
    CHECK(JS_IsNumber(value) && JS_ToInt32(host->context, &number, value) == 0);
    return number;
}

/* Does what there is to do, and waits a moment for more. False: nothing is left. */
static bool turn(const struct host *host) {
    struct pollfd descriptor = {domws_loop_descriptor(host->loop, NULL), POLLIN, 0};
    domws_turn turn = domws_loop_turn(host->loop, NULL);
    if (turn == DOMWS_TURN_WAITING)
        poll(&descriptor, 1, 1);
    return turn != DOMWS_TURN_IDLE;
}

/* Takes turns until a number is so large, or nothing is left. */
static void run_until(struct host *host, const char *name, int32_t least) {
    while (number(host, name) < least && turn(host))
        continue;
}

static int64_t objects(struct host *host) {
    JSMemoryUsage usage;
    JS_RunGC(host->runtime);
    JS_ComputeMemoryUsage(host->runtime, &usage);
    return usage.obj_count;
}

/* Four sockets, one in each state, all with listeners that lead back to them; what is there when the host goes. */
static const char states[] =
    "var ready = 0, heard = 0;"
    "function listen(socket) {"
    "  socket.onopen = socket.onmessage = socket.onerror = socket.onclose = () => { heard += socket.readyState; };"
    "  return socket;"
    "}"
    "for (let i = 0; i < 3; i++) {"
    "  const socket = new WebSocket('/');"
    "  socket.onopen = () => {"
    "    listen(socket).send('hello');"
    "    if (i > 0) socket.close();"
    "    if (i === 1) { ready++; return; }"
    "    if (i === 2) socket.onclose = () => ready++;"
    "    else ready++;"
    "  };"
    "}";

static void go_in_order(const struct echo_server *server, int32_t moment, bool engine_first) {
    struct host host = open_host(server);
    evaluate(&host, states);
    run_until(&host, "ready", moment);
    evaluate(&host, "listen(new WebSocket('/')); var kept = listen(new WebSocket('/'));");
    if (engine_first) {
        close_engine(&host);
        while (domws_loop_turn(host.loop, NULL) == DOMWS_TURN_MORE)
            continue;
        domws_loop_release(host.loop);
    } else {
        domws_loop_release(host.loop);
        evaluate(&host, "kept.close(); kept.onclose = null; for (const name in kept) kept[name];");
        close_engine(&host);
    }
}

static void leave_in_handler(const struct echo_server *server) {
    struct host host = open_host(server);
    evaluate(&host, "var left = 0, heard = 0, refused = 0;"
                    "const a = new WebSocket('/'), b = new WebSocket('/');"
                    "a.onerror = a.onclose = b.onerror = b.onclose = a.onmessage = () => heard++;"
                    "a.onopen = () => {"
                    "  a.send('x'); leave(); left++;"
                    "  try { new WebSocket('/'); } catch { refused++; }"
                    "};");
    run_until(&host, "left", 1);
    while (domws_loop_turn(host.loop, NULL) == DOMWS_TURN_MORE)
        continue;
    CHECK(number(&host, "left") == 1 && number(&host, "heard") == 0 && number(&host, "refused") == 1);
    close_engine(&host);
    domws_loop_release(host.loop);
}

/* Frees the page in the middle of a handler. */
static JSValue free_page(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    (void)this_value, (void)argc, (void)argv;
    page_free(page_of(context));
    return JS_UNDEFINED;
}

/* Where script, or what it leads to, frees its page. */
static const char *const ends[] = {
    "new WebSocket(url).onopen = ({ target }) => { end(); target.onmessage = heard; target.send('x'); };",
    "{"
    "  const socket = new WebSocket(url);"
    "  socket.addEventListener('open', () => socket.send('x'), { once: true });"
    "  socket.addEventListener('message', { get handleEvent() { end(); return heard; } });"
    "  socket.addEventListener('message', heard);"
    "}",
    "new WebSocket(url).onopen = () => { queueMicrotask(end); queueMicrotask(heard); };",
    "new WebSocket(url).onopen = () => {"
    "  Promise.reject({ toString() { end(); return 'left'; } }); Promise.reject({ toString: heard });"
    "};",
    "addEventListener('error', end); addEventListener('error', heard);"
    "new WebSocket(url).onopen = () => { queueMicrotask(heard); throw 'on purpose'; };",
    "{"
    "  const target = new EventTarget(), socket = new WebSocket(url);"
    "  target.addEventListener('x', () => { end(); socket.close({ valueOf: () => 1000 }); });"
    "  target.addEventListener('x', heard);"
    "  socket.onopen = () => {"
    "    target.dispatchEvent(new Event('x'));"
    "    try { new WebSocket(url); } catch { refused = true; }"
    "    if (!refused) heard();"
    "  };"
    "  socket.onclose = heard;"
    "}",
};

/* The page of a context can have gone while script of it runs, which then ends as if nothing were amiss. */
static void free_in_handler(const struct echo_server *server, const char *script, bool has_document, bool with_context) {
    struct host host = open_host_at(server, has_document);
    struct runtime *runtime = host.page->runtime;
    JSValue count;
    int32_t heard = -1;
    JS_SetPropertyStr(host.context, host.page->global, "end", JS_NewCFunction(host.context, free_page, "end", 0));
    evaluate(&host, "var count = 0, refused = false; function heard() { count++; return 'heard'; }");
    evaluate(&host, script);
    while (runtime->page)
        turn(&host);
    while (domws_loop_turn(host.loop, NULL) == DOMWS_TURN_MORE)
        continue;
    count = JS_Eval(host.context, "count", 5, "count", JS_EVAL_TYPE_GLOBAL);
    CHECK(JS_ToInt32(host.context, &heard, count) == 0 && heard == 0);
    CHECK(JS_IsException(JS_Eval(host.context, "new WebSocket(url)", 18, "late", JS_EVAL_TYPE_GLOBAL)));
    CHECK(JS_IsException(JS_Eval(host.context, "dispatchEvent(new Event('x'))", 29, "late", JS_EVAL_TYPE_GLOBAL)));
    if (with_context)
        JS_FreeContext(host.context);
    JS_RunGC(host.runtime);
    while (domws_loop_turn(host.loop, NULL) == DOMWS_TURN_MORE)
        continue;
    if (!with_context)
        JS_FreeContext(host.context);
    JS_FreeRuntime(host.runtime);
    domws_loop_release(host.loop);
}

/* Without a document sockets close, too, and are not heard of. */
static void leave_without_document(const struct echo_server *server) {
    struct host host = open_host_at(server, false);
    JSValue is_unheard;
    evaluate(&host, "var ready = 0, count = 0; const sockets = [new WebSocket(url), new WebSocket(url)];"
                    "sockets[0].onopen = () => { ready++; sockets.push(new WebSocket(url)); for (const each of sockets)"
                    "  each.onmessage = each.onerror = each.onclose = () => count++; sockets[0].send('x'); };");
    run_until(&host, "ready", 1);
    page_free(host.page);
    while (turn(&host)) /* It would have no end with a socket that is open. */
        continue;
    is_unheard = JS_Eval(host.context, "count === 0", 11, "count", JS_EVAL_TYPE_GLOBAL);
    CHECK(JS_ToBool(host.context, is_unheard) == 1);
    JS_FreeContext(host.context);
    JS_FreeRuntime(host.runtime);
    domws_loop_release(host.loop);
}

/* A runtime has one page at a time, and its classes serve them all. */
static void follow(const struct echo_server *server) {
    struct host host = open_host(server);
    JSClassID before = 0, after = 0;
    JSContext *other = JS_NewContext(host.runtime);
    CHECK(!page_new(other, host.loop, NULL, NULL));
    JS_NewClassID(host.runtime, &before);
    evaluate(&host, "new WebSocket('/').onopen = () => {}; Promise.reject(0).catch(() => {});");
    for (int i = 0; i < 3; i++) {
        page_free(host.page);
        JS_FreeContext(host.context);
        host.context = i ? JS_NewContext(host.runtime) : other;
        host.page = page_new(host.context, host.loop, NULL, NULL);
        CHECK(host.page);
        evaluate(&host, "new Event('x'); new EventTarget(); new Blob();");
    }
    JS_NewClassID(host.runtime, &after);
    CHECK(after == before + 1);
    close_engine(&host);
    domws_loop_release(host.loop);
}

/* Rejections that are handled in time are forgotten, however many; what is rejected while one is written waits. */
static void reject(const struct echo_server *server) {
    struct host host = open_host(server);
    evaluate(&host, "var written = 0;"
                    "const all = Array.from({ length: 20000 }, (_, i) => Promise.reject(i));"
                    "for (const each of all) each.catch(() => {});"
                    "all.push(Promise.reject({ toString() { all.push(Promise.reject(this)); return `no. ${++written}`; } }));");
    CHECK(number(&host, "written") == 1);
    CHECK(host.page->rejections && host.page->rejections_end != &host.page->rejections);
    evaluate(&host, "all.at(-1).catch(() => {}); Promise.reject(0).catch(() => {});");
    CHECK(number(&host, "written") == 1 && host.page->rejections_end == &host.page->rejections);
    close_engine(&host);
    domws_loop_release(host.loop);
}

static JSValue stop_server(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv, int magic,
                           void *data) {
    (void)context, (void)this_value, (void)argc, (void)argv, (void)magic;
    echo_server_stop(data);
    return JS_UNDEFINED;
}

/* What is sent to a peer that has gone is an error of the connection, and no SIGPIPE. */
static void send_to_nobody(void) {
    struct echo_server *server = echo_server_start();
    struct host host = open_host(server);
    JS_SetPropertyStr(host.context, host.page->global, "stopServer",
                      JS_NewCClosure(host.context, stop_server, "stopServer", NULL, 0, 0, server));
    evaluate(
        &host,
        "var closed = 0;"
        "const socket = new WebSocket('/'), noise = Uint32Array.from({ length: 1e5 }, () => Math.random() * 2 ** 32);"
        "socket.onopen = () => { stopServer(); for (let i = 0; i < 20; i++) socket.send(noise); };"
        "socket.onclose = ({ code }) => closed = code;");
    run_until(&host, "closed", 1);
    CHECK(number(&host, "closed") == 1006);
    close_engine(&host);
    domws_loop_release(host.loop);
}

/* Each socket leads back to itself, so that it takes the collector to be rid of it. */
static const char crowd[] =
    "var closed = 0, unclean = 0;"
    "function begin(onready) {"
    "  const socket = new WebSocket('/');"
    "  socket.onopen = () => socket.send('hello');"
    "  socket.onmessage = ({ data }) => { if (data === 'hello') onready(socket); };"
    "  socket.onclose = ({ wasClean }) => {"
    "    closed++; if (!wasClean) unclean++;"
    "    if (socket.next) begin(onready).next = socket.next - 1;"
    "  };"
    "  return socket;"
    "}"
    "function inARow(count) { closed = 0; begin((socket) => socket.close()).next = count - 1; }"
    "function atOnce(count) {"
    "  closed = 0; const open = [];"
    "  const onready = (socket) => { if (open.push(socket) === count) for (const each of open) each.close(); };"
    "  for (let i = 0; i < count; i++) begin(onready);"
    "}";

static void gather(struct host *host, const char *how, int32_t count) {
    char script[64];
    snprintf(script, sizeof script, "%s(%d)", how, count);
    evaluate(host, script);
    run_until(host, "closed", count);
    CHECK(number(host, "closed") == count && number(host, "unclean") == 0);
    JS_RunGC(host->runtime);
    CHECK(!host->page->sockets);
}

static void gather_all(int32_t row, int32_t at_once) {
    struct echo_server *server = echo_server_start();
    struct host host = open_host(server);
    int64_t before;
    evaluate(&host, crowd);
    gather(&host, "inARow", 2);
    gather(&host, "atOnce", 2);
    before = objects(&host);
    gather(&host, "inARow", row);
    CHECK(objects(&host) == before);
    gather(&host, "atOnce", at_once);
    CHECK(objects(&host) == before);
    close_engine(&host);
    domws_loop_release(host.loop);
    echo_server_stop(server);
}

int main(int argc, char **argv) {
    int32_t row = argc > 2 ? atoi(argv[1]) : 50, at_once = argc > 2 ? atoi(argv[2]) : 20;
    struct echo_server *server;
    struct rlimit limit;
    size_t before;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    server = echo_server_start();
    CHECK(server);
    for (int32_t moment = 0; moment <= 3; moment++) {
        go_in_order(server, moment, true);
        go_in_order(server, moment, false);
    }
    leave_in_handler(server);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        free_in_handler(server, ends[i], i % 2 == 0, true);
        free_in_handler(server, ends[i], i % 2 == 1, false);
    }
    leave_without_document(server);
    follow(server);
    reject(server);
    send_to_nobody();
    echo_server_stop(server);
    gather_all(2, 2);
    before = mallinfo2().uordblks;
    gather_all(row, at_once);
    CHECK(mallinfo2().uordblks <= before);
    return 0;
}
