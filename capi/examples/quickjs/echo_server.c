#include "echo_server.h"

#include <pthread.h>
#include <stdlib.h>

struct echo_server {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t has_started;
    bool is_started;
    uint16_t port; /* 0 where it could not listen. */
    domws_loop *loop;
    domws_handle *handle;
};

static void echo(domws_socket *socket, domws_event *event, void *data) {
    (void)data;
    if (domws_event_data_type(event) == DOMWS_DATA_TYPE_TEXT)
        domws_socket_send_text(socket, domws_event_text(event), NULL);
    else
        domws_socket_send_bytes(socket, domws_event_bytes(event), NULL);
}

static void on_connection(domws_socket *socket, domws_request *request, void *data) {
    (void)request, (void)data;
    domws_socket_set_onmessage(socket, echo, NULL, NULL, NULL);
}

/* Whoever has started the thread waits for this. */
static void tell_port(struct echo_server *server, uint16_t port) {
    pthread_mutex_lock(&server->mutex);
    server->port = port;
    server->is_started = true;
    pthread_cond_signal(&server->has_started);
    pthread_mutex_unlock(&server->mutex);
}

static void *run(void *data) {
    struct echo_server *server = data;
    domws_server *listening = NULL;
    server->loop = domws_loop_new(NULL);
    if (server->loop)
        listening = domws_server_listen(server->loop, domws_str("127.0.0.1:0"), NULL, NULL);
    if (listening) {
        domws_server_set_onconnection(listening, on_connection, NULL, NULL, NULL);
        server->handle = domws_loop_handle(server->loop, NULL);
    }
    tell_port(server, domws_server_port(listening));
    if (server->handle)
        domws_loop_run(server->loop, NULL);
    domws_server_release(listening);
    domws_loop_release(server->loop);
    return NULL;
}

static void free_server(struct echo_server *server) {
    pthread_cond_destroy(&server->has_started);
    pthread_mutex_destroy(&server->mutex);
    free(server);
}

struct echo_server *echo_server_start(void) {
    struct echo_server *server = calloc(1, sizeof *server);
    if (!server)
        return NULL;
    pthread_mutex_init(&server->mutex, NULL);
    pthread_cond_init(&server->has_started, NULL);
    if (pthread_create(&server->thread, NULL, run, server)) {
        free_server(server);
        return NULL;
    }
    pthread_mutex_lock(&server->mutex);
    while (!server->is_started)
        pthread_cond_wait(&server->has_started, &server->mutex);
    pthread_mutex_unlock(&server->mutex);
    if (server->handle)
        return server;
    echo_server_stop(server);
    return NULL;
}

uint16_t echo_server_port(const struct echo_server *server) {
    return server->port;
}

static void stop(void *data) {
    domws_loop_stop(data);
}

void echo_server_stop(struct echo_server *server) {
    if (!server)
        return;
    if (server->handle)
        domws_handle_queue_task(server->handle, stop, server->loop, NULL, NULL);
    pthread_join(server->thread, NULL);
    domws_handle_release(server->handle);
    free_server(server);
}
