/* What a server says in HTTP: to whoever asks for a page, and to clients that it turns away. */
#include "check.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <unistd.h>

struct site {
    domws_server *server;
    domws_handle *handle;
    uint16_t port;
    int destroyed;
    domws_failure failure;
    unsigned status;
};

static domws_bytes bytes(const char *data) {
    return (domws_bytes){(const uint8_t *)data, strlen(data)};
}

static void on_http(domws_request *request, void *data) {
    domws_error error;
    domws_string path = domws_request_resource_name(request), html = domws_str("text/html");
    (void)data;
    CHECK(!domws_request_accept(request, domws_str(""), &error) && error.kind == DOMWS_ERROR_KIND_INVALID_STATE);
    CHECK(!domws_request_respond(request, 101, html, bytes("x"), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT);
    if (is(path, "/")) {
        CHECK(domws_request_respond(request, 500, html, bytes("replaced"), NULL));
        CHECK(domws_request_respond(request, 200, html, bytes("<p>hello"), NULL));
        CHECK(domws_request_add_response_field(request, domws_str("X-One"), domws_str("a\r\nX-Two: b"), NULL));
        CHECK(domws_request_add_response_field(request, domws_str("Content-Length"), domws_str("7"), NULL));
        CHECK(domws_request_add_response_field(request, domws_str("X-Host"), domws_request_host(request), NULL));
    } else if (is(path, "/bytes")) {
        CHECK(domws_request_respond(request, 200, domws_str(""), (domws_bytes){(const uint8_t *)"\0\1", 2}, NULL));
    } else if (is(path, "/empty")) {
        CHECK(domws_request_respond(request, 204, domws_str(""), (domws_bytes){NULL, 0}, NULL));
    } else if (is(path, "/refused")) {
        CHECK(domws_request_respond(request, 200, html, bytes("replaced"), NULL));
        CHECK(domws_request_refuse(request, NULL));
        CHECK(!domws_request_add_response_field(request, domws_str("X"), domws_str("y"), &error));
        CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_STATE);
    } else {
        CHECK(domws_request_add_response_field(request, domws_str("X-None"), domws_str("it"), NULL));
    }
}

/* What comes back, terminated. */
static size_t exchange(uint16_t port, const char *request, char *response, size_t room) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    size_t len = 0;
    ssize_t count;
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(connection, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(write(connection, request, strlen(request)) == (ssize_t)strlen(request));
    while ((count = read(connection, response + len, room - len - 1)) > 0)
        len += (size_t)count;
    CHECK(count == 0);
    close(connection);
    response[len] = '\0';
    return len;
}

static void close_site(void *data) {
    struct site *site = data;
    domws_server_close(site->server);
}

static void *visit(void *data) {
    struct site *site = data;
    char response[2048];
    size_t len;
    exchange(site->port, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", response, sizeof response);
    CHECK(strncmp(response, "HTTP/1.1 200 OK\r\n", 17) == 0 && strstr(response, "\r\n\r\n<p>hello"));
    CHECK(strstr(response, "\r\nContent-Type: text/html\r\n") && strstr(response, "\r\nContent-Length: 8\r\n"));
    CHECK(strstr(response, "\r\nX-One: a  X-Two: b\r\n") && strstr(response, "\r\nX-Host: h\r\n"));
    CHECK(!strstr(response, "replaced") && !strstr(response, "Content-Length: 7"));
    len = exchange(site->port, "GET /bytes HTTP/1.1\r\nHost: h\r\n\r\n", response, sizeof response);
    CHECK(strstr(response, "\r\nContent-Type: application/octet-stream\r\n"));
    CHECK(memcmp(response + len - 6, "\r\n\r\n\0\1", 6) == 0);
    exchange(site->port, "GET /empty HTTP/1.1\r\nHost: h\r\n\r\n", response, sizeof response);
    CHECK(strncmp(response, "HTTP/1.1 204 ", 13) == 0 && !strstr(response, "Content-Type"));
    exchange(site->port, "GET /refused HTTP/1.1\r\nHost: h\r\n\r\n", response, sizeof response);
    CHECK(strncmp(response, "HTTP/1.1 403 ", 13) == 0 && !strstr(response, "replaced"));
    exchange(site->port, "GET /none HTTP/1.1\r\nHost: h\r\n\r\n", response, sizeof response);
    CHECK(strncmp(response, "HTTP/1.1 404 ", 13) == 0 && strstr(response, "\r\nX-None: it\r\n"));
    exchange(site->port, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", response, sizeof response);
    CHECK(strncmp(response, "HTTP/1.1 400 ", 13) == 0);
    CHECK(domws_handle_queue_task(site->handle, close_site, site, NULL, NULL));
    return NULL;
}

static void pages(void) {
    struct site site = {0};
    char url[64];
    pthread_t visitor;
    domws_error error;
    domws_loop *loop = new_loop();
    site.server = listen_at(loop, NULL, url);
    site.port = domws_server_port(site.server);
    site.handle = domws_loop_handle(loop, NULL);
    CHECK(!domws_server_set_onhttp(site.server, NULL, &site.destroyed, count, &error) && site.destroyed == 1);
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT);
    CHECK(domws_server_set_onhttp(site.server, on_http, &site.destroyed, count, NULL));
    CHECK(domws_server_set_onhttp(site.server, on_http, &site.destroyed, count, NULL) && site.destroyed == 2);
    CHECK(pthread_create(&visitor, NULL, visit, &site) == 0);
    CHECK(domws_loop_run(loop, NULL));
    pthread_join(visitor, NULL);
    CHECK(site.destroyed == 3);
    domws_handle_release(site.handle);
    domws_server_release(site.server);
    domws_loop_release(loop);
}

static void on_request(domws_request *request, void *data) {
    domws_error error;
    (void)data;
    CHECK(!domws_request_add_response_field(request, domws_str("X"), domws_str("y"), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_STATE);
    CHECK(domws_request_accept(request, domws_str(""), NULL));
    CHECK(domws_request_respond(request, 503, domws_str("text/plain"), bytes("later"), NULL));
    CHECK(domws_request_add_response_field(request, domws_str("Retry-After"), domws_str("60"), NULL));
}

static void on_close(domws_socket *socket, domws_event *event, void *data) {
    (void)socket;
    CHECK(domws_event_code(event) == 1006);
    domws_server_close(((struct site *)data)->server);
}

static void observe(const domws_observation *observation, void *data) {
    struct site *site = data;
    if (domws_observation_step(observation) == DOMWS_STEP_FAILED) {
        site->failure = domws_observation_failure(observation);
        site->status = domws_observation_status(observation);
    }
}

static struct site turned_away(domws_edition edition) {
    struct site site = {0};
    char url[64];
    domws_loop *loop = new_loop();
    domws_socket_options *options = domws_socket_options_new(NULL);
    domws_socket *socket;
    site.server = listen_at(loop, NULL, url);
    CHECK(domws_server_set_onrequest(site.server, on_request, NULL, NULL, NULL));
    CHECK(domws_socket_options_set_edition(options, edition, NULL));
    CHECK(domws_socket_options_set_observer(options, observe, &site, NULL, NULL));
    socket = open_socket(loop, url, options);
    CHECK(domws_socket_set_onclose(socket, on_close, &site, NULL, NULL));
    CHECK(domws_loop_run(loop, NULL));
    domws_socket_release(socket);
    domws_socket_options_release(options);
    domws_server_release(site.server);
    domws_loop_release(loop);
    return site;
}

/* A socket that listens already, and one that does not. */
static void inherited(void) {
    struct site site = {0};
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    pthread_t visitor;
    domws_error error;
    domws_loop *loop = new_loop();
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(descriptor, (struct sockaddr *)&address, len) == 0 && listen(descriptor, 8) == 0);
    CHECK(getsockname(descriptor, (struct sockaddr *)&address, &len) == 0);
    site.server = domws_server_from_descriptor(loop, descriptor, NULL, &error);
    CHECK(site.server && error.kind == DOMWS_ERROR_KIND_NONE);
    /* It was duplicated. */
    CHECK(close(descriptor) == 0);
    site.port = domws_server_port(site.server);
    CHECK(site.port == ntohs(address.sin_port));
    site.handle = domws_loop_handle(loop, NULL);
    CHECK(domws_server_set_onhttp(site.server, on_http, &site, NULL, NULL));
    CHECK(pthread_create(&visitor, NULL, visit, &site) == 0);
    CHECK(domws_loop_run(loop, NULL));
    pthread_join(visitor, NULL);
    domws_handle_release(site.handle);
    domws_server_release(site.server);
    CHECK(!domws_server_from_descriptor(loop, -1, NULL, &error) && error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT);
    CHECK(!domws_server_from_descriptor(loop, descriptor, NULL, &error) && error.kind == DOMWS_ERROR_KIND_IO);
    domws_loop_release(loop);
}

int main(void) {
    pages();
    inherited();
    struct site site = turned_away(DOMWS_EDITION_LIVING);
    CHECK(site.failure == DOMWS_FAILURE_STATUS && site.status == 503);
    site = turned_away(DOMWS_EDITION_HTML5);
    CHECK(site.failure != DOMWS_FAILURE_NONE && site.status == 0);
    return 0;
}
