/* quickjs [OPTION]... FILE...: runs scripts, and modules (*.mjs), that have the browser's WebSocket, until nothing is
 * left that could happen. It waits in a poll(2) of its own for sockets and timers.
 *
 *   --base-url URL   whose page it is: what relative URLs are relative to, and the origin of sockets
 *   --ca-file FILE   certificates to trust in place of the system's
 *   --echo           an echo server of its own is the page's
 *   --help           prints the usage
 *
 * Why a connection failed is said on standard error.
 * The exit status is 1 if a script throws at its top level or a module fails; `quit(status)` leaves with another. */
#include "console.h"
#include "echo_server.h"
#include "page.h"
#include "timers.h"

#include <poll.h>
#include <quickjs-libc.h>
#include <stdio.h>
#include <string.h>

struct shell {
    domws_loop *loop;
    JSRuntime *runtime;
    JSContext *context;
    struct page *page;
    struct timers *timers;
    struct echo_server *server;
    const char *base_url, *ca_file;
    char server_url[64];
    int status;
    bool has_quit;
};

static JSValue quit(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv, int magic, void *data) {
    struct shell *shell = data;
    (void)this_value, (void)magic;
    if (argc > 0 && JS_ToInt32(context, &shell->status, argv[0]))
        return JS_EXCEPTION;
    shell->has_quit = true;
    return JS_UNDEFINED;
}

static JSValue run_microtask(JSContext *context, int argc, JSValueConst *argv) {
    (void)argc;
    return JS_Call(context, argv[0], JS_UNDEFINED, 0, NULL);
}

static JSValue queue_microtask(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    (void)this_value;
    if (argc < 1 || !JS_IsFunction(context, argv[0]))
        return JS_ThrowTypeError(context, "the callback is not a function");
    return JS_EnqueueJob(context, run_microtask, 1, argv) ? JS_EXCEPTION : JS_UNDEFINED;
}

/* `location`, as far as it is the parts of an address: empty ones where there is none. Host and port are those of the
 * origin, which can be "null". */
static JSValue new_location(JSContext *context, const char *url, domws_string origin_text) {
    const char *origin = origin_text.data ? origin_text.data : "", *origin_end = origin + origin_text.len;
    const char *scheme_end, *path, *search, *hash, *host = memchr(origin, ':', origin_text.len);
    const char *port = origin_end;
    while (*url > 0 && *url <= ' ')
        ++url;
    scheme_end = url + strcspn(url, ":/?#");
    path = scheme_end + (*scheme_end == ':');
    if (strncmp(path, "//", 2) == 0)
        path += 2 + strcspn(path + 2, "/?#");
    host = host ? host + strlen("://") : origin_end;
    while (port > host && port[-1] != ':' && port[-1] != ']')
        --port;
    if (port == host || port[-1] != ':')
        port = origin_end;
    search = path + strcspn(path, "?#");
    hash = search + strcspn(search, "#");
    const struct {
        const char *name, *start, *end;
    } parts[] = {
        {"href", url, url + strlen(url)},
        {"origin", origin, origin_end},
        {"protocol", url, scheme_end + (*scheme_end == ':')},
        {"host", host, origin_end},
        {"hostname", host, port == origin_end ? origin_end : port - 1},
        {"port", port, origin_end},
        {"pathname", path, search},
        {"search", search, hash},
        {"hash", hash, hash + strlen(hash)},
    };
    JSValue location = JS_NewObject(context);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        JS_SetPropertyStr(context, location, parts[i].name,
                          JS_NewStringLen(context, parts[i].start, (size_t)(parts[i].end - parts[i].start)));
    return location;
}

static void define_globals(struct shell *shell) {
    JSContext *context = shell->context;
    JSValueConst global = shell->page->global;
    const char *url = shell->base_url ? shell->base_url : "";
    JS_SetPropertyStr(context, global, "self", JS_DupValue(context, global));
    JS_SetPropertyStr(context, global, "location",
                      new_location(context, url, domws_document_origin(shell->page->document)));
    JS_SetPropertyStr(context, global, "queueMicrotask",
                      JS_NewCFunction(context, queue_microtask, "queueMicrotask", 1));
    JS_SetPropertyStr(context, global, "quit", JS_NewCClosure(context, quit, "quit", NULL, 0, 0, shell));
}

/* A user agent that tells of failures, keeps cookies, where the library can, and trusts the certificates of a file, unless that is NULL.
 * NULL, with an error, where that can't be. */
static domws_user_agent *new_user_agent(const char *ca_file, domws_error *error) {
    domws_user_agent_options *options = domws_user_agent_options_new(error);
    domws_cookie_jar *jar = domws_has(DOMWS_FEATURE_COOKIES) ? domws_cookie_jar_new(error) : NULL;
    domws_user_agent *user_agent = NULL;
    if (options && domws_user_agent_options_log_failures(options, error) &&
        (!jar || domws_user_agent_options_set_cookie_jar(options, jar, error)) &&
        (!ca_file || domws_user_agent_options_add_root_certificate_file(options, domws_str(ca_file), error)))
        user_agent = domws_user_agent_new(options, error);
    domws_cookie_jar_release(jar);
    domws_user_agent_options_release(options);
    return user_agent;
}

static bool fail(const char *what, const domws_error *error) {
    fprintf(stderr, "%s: %s: %s\n", what, domws_error_name(error->kind), error->message);
    return false;
}

static bool open_shell(struct shell *shell, bool has_server) {
    domws_document *document = NULL;
    domws_user_agent *user_agent;
    domws_error error;
    if (has_server) {
        shell->server = echo_server_start();
        if (!shell->server) {
            fputs("the echo server could not be started\n", stderr);
            return false;
        }
        snprintf(shell->server_url, sizeof shell->server_url, "http://127.0.0.1:%u/", echo_server_port(shell->server));
        shell->base_url = shell->server_url;
    }
    shell->loop = domws_loop_new(&error);
    if (!shell->loop || domws_loop_descriptor(shell->loop, &error) < 0)
        return fail("the loop", &error);
    if (shell->base_url && !(document = domws_document_new(domws_str(shell->base_url), domws_str(NULL), &error)))
        return fail(shell->base_url, &error);
    user_agent = new_user_agent(shell->ca_file, &error);
    if (!user_agent) {
        domws_document_release(document);
        return fail(shell->ca_file ? shell->ca_file : "the user agent", &error);
    }
    shell->runtime = JS_NewRuntime();
    shell->context = shell->runtime ? JS_NewContext(shell->runtime) : NULL;
    shell->page = shell->context ? page_new(shell->context, shell->loop, document, user_agent) : NULL;
    shell->timers = shell->page ? timers_new(shell->page) : NULL;
    if (!shell->timers || !console_define(shell->page)) {
        fputs("memory is short\n", stderr);
        return false;
    }
    JS_SetModuleLoaderFunc2(shell->runtime, NULL, js_module_loader, js_module_check_attributes, NULL);
    define_globals(shell);
    return true;
}

/* The page goes before its context; the loop can go before or behind them. */
static void close_shell(struct shell *shell) {
    if (shell->timers)
        timers_free(shell->timers);
    if (shell->page)
        page_free(shell->page);
    if (shell->context)
        JS_FreeContext(shell->context);
    if (shell->runtime)
        JS_FreeRuntime(shell->runtime);
    domws_loop_release(shell->loop);
    echo_server_stop(shell->server);
}

/* Takes turns of the loop and runs timers, until there is nothing left. */
static void run(struct shell *shell) {
    while (!shell->has_quit) {
        struct pollfd descriptor = {domws_loop_descriptor(shell->loop, NULL), POLLIN, 0};
        domws_turn turn;
        int timeout, timer;
        timers_run(shell->timers);
        turn = domws_loop_turn(shell->loop, NULL);
        timer = timers_timeout(shell->timers);
        if (turn == DOMWS_TURN_IDLE && timer < 0)
            return;
        timeout = turn == DOMWS_TURN_MORE ? 0 : domws_loop_timeout(shell->loop);
        if (timer >= 0 && (timeout < 0 || timer < timeout))
            timeout = timer;
        if (!shell->has_quit)
            poll(&descriptor, 1, timeout);
    }
}

static bool has_ending(const char *name, const char *ending) {
    size_t length = strlen(name), ending_length = strlen(ending);
    return length >= ending_length && strcmp(name + length - ending_length, ending) == 0;
}

/* A module's promise, or what a script comes to. */
static JSValue evaluate(JSContext *context, const char *source, size_t length, const char *file) {
    JSValue module;
    if (!has_ending(file, ".mjs"))
        return JS_Eval(context, source, length, file, JS_EVAL_TYPE_GLOBAL);
    module = JS_Eval(context, source, length, file, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(module) || js_module_set_import_meta(context, module, true, true) < 0)
        return JS_EXCEPTION;
    return JS_EvalFunction(context, module);
}

static void run_file(struct shell *shell, const char *file) {
    JSContext *context = shell->context;
    size_t length;
    uint8_t *source = js_load_file(context, &length, file);
    JSValue result;
    bool is_module = has_ending(file, ".mjs");
    if (!source) {
        perror(file);
        shell->status = 2;
        shell->has_quit = true;
        return;
    }
    page_enter(shell->page);
    result = evaluate(context, (const char *)source, length, file);
    js_free(context, source);
    if (JS_IsException(result)) {
        page_report(shell->page);
        shell->status = 1;
    }
    page_leave(shell->page);
    if (is_module && !JS_IsException(result)) {
        run(shell); /* What follows a module waits for all that it awaits. */
        if (!shell->has_quit && JS_PromiseState(context, result) != JS_PROMISE_FULFILLED)
            shell->status = 1;
    }
    JS_FreeValue(context, result);
}

int main(int argc, char **argv) {
    struct shell shell = {0};
    bool has_server = false, is_help = argc == 2 && strcmp(argv[1], "--help") == 0;
    int i;
    for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--echo") == 0)
            has_server = true;
        else if (strcmp(argv[i], "--base-url") == 0 && i + 1 < argc)
            shell.base_url = argv[++i];
        else if (strcmp(argv[i], "--ca-file") == 0 && i + 1 < argc)
            shell.ca_file = argv[++i];
        else
            break;
    }
    if (i == argc || strncmp(argv[i], "--", 2) == 0) {
        fprintf(is_help ? stdout : stderr, "usage: %s [--base-url URL] [--ca-file FILE] [--echo] FILE...\n", argv[0]);
        return is_help ? 0 : 2;
    }
    if (open_shell(&shell, has_server)) {
        for (; i < argc && !shell.has_quit; i++)
            run_file(&shell, argv[i]);
        run(&shell);
    } else {
        shell.status = 2;
    }
    close_shell(&shell);
    return shell.status;
}
