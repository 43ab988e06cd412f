#include "client.h"
#include <stdio.h>
#include <stdlib.h>

enum { USAGE_STATUS = 2 };

static void on_open(domws_socket *socket, domws_event *event, void *data) {
    domws_string url = domws_socket_url(socket);
    (void)event, (void)data;
    printf("open %.*s\n", (int)url.len, url.data);
}

static void on_message(domws_socket *socket, domws_event *event, void *data) {
    struct client *client = data;
    domws_string text = domws_event_text(event);
    if (domws_event_data_type(event) == DOMWS_DATA_TYPE_TEXT)
        printf("message \"%.*s\"\n", (int)text.len, text.data);
    else
        printf("message of %zu bytes\n", domws_event_bytes(event).len);
    client->is_waiting = false;
    if (!*client->messages)
        domws_socket_close(socket, NULL);
}

static void on_close(domws_socket *socket, domws_event *event, void *data) {
    struct client *client = data;
    bool is_clean = domws_event_was_clean(event);
    (void)socket;
    printf("close %u, %s, after %u ticks of the host's timer\n", domws_event_code(event),
           is_clean ? "clean" : "not clean", client->ticks);
    client->status = is_clean && !*client->messages && !client->is_waiting ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A socket whose failures are told on standard error: no event says why. */
static domws_socket *open_socket(domws_loop *loop, const char *url, domws_error *error) {
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    domws_socket_options *options = domws_socket_options_new(NULL);
    domws_user_agent *user_agent;
    domws_socket *socket;
    domws_user_agent_options_log_failures(settings, NULL);
    user_agent = domws_user_agent_new(settings, NULL);
    domws_socket_options_set_user_agent(options, user_agent, NULL);
    socket = domws_socket_new(loop, domws_str(url), options, error);
    domws_socket_options_release(options);
    domws_user_agent_release(user_agent);
    domws_user_agent_options_release(settings);
    return socket;
}

bool client_open(struct client *client, domws_loop *loop, int argc, char **argv) {
    bool is_help = argc == 2 && strcmp(argv[1], "--help") == 0;
    domws_error error;
    *client = (struct client){.status = EXIT_FAILURE};
    if (is_help || argc < 3 || *argv[1] == '-') {
        fprintf(is_help ? stdout : stderr,
                "%s URL MESSAGE...: sends each message when the one before has been answered, and closes the connection.\n"
                "Exit status: 0 where all were answered, 1 where the connection failed, 2 for other arguments.\n",
                argv[0]);
        client->status = is_help ? EXIT_SUCCESS : USAGE_STATUS;
        return false;
    }
    client->messages = argv + 2;
    client->socket = open_socket(loop, argv[1], &error);
    if (!client->socket) {
        fprintf(stderr, "%s: %s: %s\n", argv[1], domws_error_name(error.kind), error.message);
        return false;
    }
    domws_socket_set_onopen(client->socket, on_open, client, NULL, NULL);
    domws_socket_set_onmessage(client->socket, on_message, client, NULL, NULL);
    domws_socket_set_onclose(client->socket, on_close, client, NULL, NULL);
    return true;
}

void client_tick(struct client *client) {
    ++client->ticks;
    if (domws_socket_ready_state(client->socket) != DOMWS_READY_STATE_OPEN || client->is_waiting || !*client->messages)
        return;
    client->is_waiting = domws_socket_send_text(client->socket, domws_str(*client->messages++), NULL);
}

void client_end(struct client *client) {
    domws_socket_release(client->socket);
    client->socket = NULL;
}
