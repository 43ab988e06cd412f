/* echo [URL]: sends three messages to an echo server, prints what happens, and closes; the loop waits in poll(2).
 * Without a URL the server is one of its own, on the same loop.
 * echo --listen ADDRESS: is only the server, until it is killed, and prints its URL first. */
#include <domws.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

struct client {
    domws_server *server;
    int received;
    int was_clean;
};

static void print_text(const char *what, domws_string text) {
    printf("%s \"%.*s\"\n", what, (int)text.len, text.data);
}

static void on_open(domws_socket *socket, domws_event *event, void *data) {
    static const uint8_t bytes[] = {1, 2, 3};
    static const uint16_t units[] = {'h', 'i', 0xd83d, 0xde00};
    (void)event, (void)data;
    print_text("open", domws_socket_url(socket));
    domws_socket_send_text(socket, domws_str("hello"), NULL);
    domws_socket_send_utf16(socket, (domws_utf16){units, 4}, NULL);
    domws_socket_send_bytes(socket, (domws_bytes){bytes, sizeof bytes}, NULL);
}

static void on_message(domws_socket *socket, domws_event *event, void *data) {
    struct client *client = data;
    if (domws_event_data_type(event) == DOMWS_DATA_TYPE_TEXT)
        print_text("message", domws_event_text(event));
    else
        printf("message of %zu bytes\n", domws_event_bytes(event).len);
    if (++client->received == 3)
        domws_socket_close_with(socket, 4000, domws_str("enough"), NULL);
}

static void on_close(domws_socket *socket, domws_event *event, void *data) {
    struct client *client = data;
    (void)socket;
    client->was_clean = domws_event_was_clean(event);
    printf("close %u, clean: %d\n", domws_event_code(event), client->was_clean);
    domws_server_release(client->server);
    client->server = NULL;
}

/* The server's side: every message goes back. */
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

static domws_server *serve(domws_loop *loop, const char *address, char url[64], domws_error *error) {
    domws_server *server = domws_server_listen(loop, domws_str(address), NULL, error);
    domws_string listens_at = domws_server_address(server);
    domws_server_set_onconnection(server, on_connection, NULL, NULL, NULL);
    snprintf(url, 64, "ws://%.*s/", (int)listens_at.len, listens_at.data);
    return server;
}

/* With a user agent that says on standard error why a connection failed: no event does. */
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

static int show_usage(FILE *file, const char *name, int status) {
    fprintf(file, "usage: %s [URL]\n       %s --listen ADDRESS\n", name, name);
    return status;
}

int main(int argc, char **argv) {
    struct client client = {NULL, 0, 0};
    bool is_server = argc == 3 && strcmp(argv[1], "--listen") == 0;
    char url[64] = "";
    domws_error error;
    domws_socket *socket;
    domws_turn turn;
    domws_loop *loop;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return show_usage(stdout, argv[0], EXIT_SUCCESS);
    if (argc > 2 ? !is_server : argc == 2 && *argv[1] == '-')
        return show_usage(stderr, argv[0], 2);
    loop = domws_loop_new(&error);
    if (!loop || domws_loop_descriptor(loop, &error) < 0)
        goto failed;
    if (argc < 2 || is_server) {
        client.server = serve(loop, is_server ? argv[2] : "127.0.0.1:0", url, &error);
        if (!client.server)
            goto failed;
    }
    if (is_server) {
        puts(url);
        fflush(stdout);
        return domws_loop_run(loop, NULL) ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    socket = open_socket(loop, argc < 2 ? url : argv[1], &error);
    if (!socket)
        goto failed;
    domws_socket_set_onopen(socket, on_open, &client, NULL, NULL);
    domws_socket_set_onmessage(socket, on_message, &client, NULL, NULL);
    domws_socket_set_onclose(socket, on_close, &client, NULL, NULL);
    domws_socket_release(socket); /* Its listeners keep it. */

    while ((turn = domws_loop_turn(loop, &error)) != DOMWS_TURN_IDLE) {
        struct pollfd descriptor = {domws_loop_descriptor(loop, NULL), POLLIN, 0};
        poll(&descriptor, 1, turn == DOMWS_TURN_MORE ? 0 : domws_loop_timeout(loop));
    }
    domws_loop_release(loop);
    return client.received == 3 && client.was_clean ? EXIT_SUCCESS : EXIT_FAILURE;

failed:
    fprintf(stderr, "%s: %s\n", domws_error_name(error.kind), error.message);
    domws_server_release(client.server);
    domws_loop_release(loop);
    return EXIT_FAILURE;
}
