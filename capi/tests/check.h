/* What the tests share. */
#ifndef CHECK_H
#define CHECK_H

#include <domws.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what) \
    ((what) ? (void)0 : (fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what), exit(1)))

static inline bool is(domws_string text, const char *expected) {
    return text.len == strlen(expected) && memcmp(text.data, expected, text.len) == 0;
}

/* How often data was destroyed. */
static inline void count(void *data) {
    ++*(int *)data;
}

static inline domws_loop *new_loop(void) {
    domws_error error;
    domws_loop *loop = domws_loop_new(&error);
    CHECK(loop && error.kind == DOMWS_ERROR_KIND_NONE && !*error.message);
    return loop;
}

/* A server at a free port, and its address in `url`. */
static inline domws_server *listen_at(domws_loop *loop, const domws_server_options *options, char url[64]) {
    domws_error error;
    domws_server *server = domws_server_listen(loop, domws_str("127.0.0.1:0"), options, &error);
    CHECK(server && error.kind == DOMWS_ERROR_KIND_NONE);
    snprintf(url, 64, "ws://127.0.0.1:%u/", domws_server_port(server));
    return server;
}

static inline domws_socket *open_socket(domws_loop *loop, const char *url, const domws_socket_options *options) {
    domws_error error;
    domws_socket *socket = domws_socket_new(loop, domws_str(url), options, &error);
    CHECK(socket && error.kind == DOMWS_ERROR_KIND_NONE);
    return socket;
}

#endif
