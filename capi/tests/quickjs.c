/* quickjs [IN_A_ROW AT_ONCE]: the WebSocket of examples/quickjs. The engine and the loop go in either order, at any
 * moment; so many sockets are opened and closed one behind the other, then so many are open at once, and nothing is
 * left of them. (It wants GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1, as glibc else counts
 * what threads keep.) */
#include "check.h"
#include "echo_server.h"
#include "page.h"

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

static struct host open_host(const struct echo_server *server) {
    struct host host = {new_loop(), JS_NewRuntime(), NULL, NULL};
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", echo_server_port(server));
    host.context = JS_NewContext(host.runtime);
    host.page = page_new(host.context, host.loop, domws_document_new(domws_str(url), domws_str(NULL), NULL), NULL);
    CHECK(host.page);
    JS_SetPropertyStr(host.context, host.page->global, "leave", JS_NewCFunction(host.context, leave, "leave", 0));
    return host;
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

/* Takes turns until a number is so large, or nothing is left. */
static void run_until(struct host *host, const char *name, int32_t least) {
    while (number(host, name) < least) {
        domws_turn turn = domws_loop_turn(host->loop, NULL);
        struct pollfd descriptor = {domws_loop_descriptor(host->loop, NULL), POLLIN, 0};
        if (turn == DOMWS_TURN_IDLE)
            return;
        if (turn == DOMWS_TURN_WAITING && number(host, name) < least)
            poll(&descriptor, 1, domws_loop_timeout(host->loop));
    }
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
    CHECK(!host->page->pinned);
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
    send_to_nobody();
    echo_server_stop(server);
    gather_all(2, 2);
    before = mallinfo2().uordblks;
    gather_all(row, at_once);
    CHECK(mallinfo2().uordblks <= before);
    return 0;
}
