/* Bounds: of queues and messages, of the process; and what is not there. */
#include "check.h"
#include <glob.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

struct flow {
    domws_server *server;
    size_t sent, received, blocked, drained;
    domws_failure failure;
};

enum { MESSAGES = 200, SIZE = 64 * 1024 };
static uint8_t message[SIZE];

static void send_all(domws_socket *socket, struct flow *flow) {
    domws_bytes bytes = {message, SIZE};
    domws_error error;
    while (flow->sent < MESSAGES) {
        if (!domws_socket_try_send_bytes(socket, bytes, &error)) {
            CHECK(error.kind == DOMWS_ERROR_KIND_WOULD_BLOCK || error.kind == DOMWS_ERROR_KIND_CLOSED);
            flow->blocked += error.kind == DOMWS_ERROR_KIND_WOULD_BLOCK;
            return;
        }
        ++flow->sent;
    }
    CHECK(domws_socket_finish(socket, NULL));
}

static void on_open(domws_socket *socket, domws_event *event, void *data) {
    (void)event;
    send_all(socket, data);
}

static void on_drain(domws_socket *socket, domws_event *event, void *data) {
    CHECK(is(domws_event_type(event), "drain"));
    ++((struct flow *)data)->drained;
    send_all(socket, data);
}

static void on_close(domws_socket *socket, domws_event *event, void *data) {
    (void)socket, (void)event;
    domws_server_close(((struct flow *)data)->server);
}

static void on_message(domws_socket *socket, domws_event *event, void *data) {
    (void)socket;
    CHECK(domws_event_bytes(event).len == SIZE);
    ++((struct flow *)data)->received;
}

static void on_end(domws_socket *socket, domws_event *event, void *data) {
    CHECK(is(domws_event_type(event), "end") && ((struct flow *)data)->received == MESSAGES);
    CHECK(domws_socket_finish(socket, NULL));
}

static void on_connection(domws_socket *socket, domws_request *request, void *data) {
    (void)request;
    CHECK(domws_socket_set_onmessage(socket, on_message, data, NULL, NULL));
    CHECK(domws_socket_set_onend(socket, on_end, data, NULL, NULL));
}

static void observe(const domws_observation *observation, void *data) {
    struct flow *flow = data;
    if (domws_observation_step(observation) == DOMWS_STEP_FAILED)
        flow->failure = domws_observation_failure(observation);
}

static struct flow flow(size_t server_limit) {
    struct flow flow = {0};
    char url[64];
    domws_error error;
    domws_loop *loop = new_loop();
    domws_server_options *server = domws_server_options_new(NULL);
    domws_socket_options *options = domws_socket_options_new(NULL);
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    domws_user_agent *agent;
    domws_socket *socket;
    CHECK(domws_server_options_set_half_open(server, true, NULL));
    CHECK(domws_server_options_set_limit(server, DOMWS_LIMIT_MESSAGE, server_limit, NULL));
    CHECK(domws_server_options_set_timeout(server, DOMWS_TIMEOUT_MESSAGE, DOMWS_FOREVER, NULL));
    CHECK(!domws_server_options_set_timeout(server, DOMWS_TIMEOUT_PONG, DOMWS_FOREVER, &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT);
    CHECK(!domws_server_options_set_limit(server, (domws_limit)99, 1, &error));
    CHECK(domws_user_agent_options_set_limit(settings, DOMWS_LIMIT_HIGH_WATER, SIZE * 2, NULL));
    CHECK(domws_user_agent_options_set_compression(settings, false, NULL));
    CHECK(domws_user_agent_options_set_observer(settings, observe, &flow, NULL, NULL));
    agent = domws_user_agent_new(settings, NULL);
    CHECK(domws_socket_options_set_user_agent(options, agent, NULL));
    flow.server = listen_at(loop, server, url);
    CHECK(domws_server_set_onconnection(flow.server, on_connection, &flow, NULL, NULL));
    socket = open_socket(loop, url, options);
    CHECK(domws_socket_set_onopen(socket, on_open, &flow, NULL, NULL));
    CHECK(domws_socket_set_ondrain(socket, on_drain, &flow, NULL, NULL));
    CHECK(domws_socket_set_onclose(socket, on_close, &flow, NULL, NULL));
    CHECK(domws_loop_run(loop, NULL));
    domws_socket_release(socket);
    domws_user_agent_release(agent);
    domws_user_agent_options_release(settings);
    domws_socket_options_release(options);
    domws_server_options_release(server);
    domws_server_release(flow.server);
    domws_loop_release(loop);
    return flow;
}

static void a_blocked_port(void) {
    domws_error error;
    domws_loop *loop = new_loop();
    domws_socket_options *options = domws_socket_options_new(NULL);
    CHECK(!domws_socket_new(loop, domws_str("ftp://h/"), NULL, &error) && error.kind == DOMWS_ERROR_KIND_SYNTAX);
    CHECK(!domws_socket_new(loop, domws_str("/relative"), NULL, &error) && error.kind == DOMWS_ERROR_KIND_SYNTAX);
    CHECK(domws_socket_options_set_base_url(options, domws_str("https://example.com/a/b"), NULL));
    domws_socket *socket = domws_socket_new(loop, domws_str("c"), options, &error);
    CHECK(socket && is(domws_socket_url(socket), "wss://example.com/a/c"));
    domws_socket_release(socket);
    CHECK(domws_socket_options_set_edition(options, DOMWS_EDITION_HTML5, NULL));
    CHECK(!domws_socket_new(loop, domws_str("ws://h:25/"), options, &error) && error.kind == DOMWS_ERROR_KIND_SECURITY);
    domws_socket_options_release(options);
    domws_loop_release(loop);
}

/* A loop takes three. */
static void too_few_descriptors_left(void) {
    struct rlimit before, few;
    domws_error error;
    int next = dup(0);
    CHECK(next >= 0 && close(next) == 0);
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    few = before;
    for (int left = 0; left < 3; ++left) {
        few.rlim_cur = (rlim_t)(next + left);
        CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
        CHECK(!domws_loop_new(&error) && error.kind == DOMWS_ERROR_KIND_IO && *error.message);
    }
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    domws_loop_release(new_loop());
    CHECK(dup(0) == next && close(next) == 0);
}

static void documents(void) {
    domws_error error;
    domws_loop *loop = new_loop();
    domws_document *document = domws_document_new(domws_str("https://Example.com/page"), domws_str(""), NULL);
    domws_socket_options *options = domws_socket_options_new(NULL);
    CHECK(is(domws_document_origin(document), "https://example.com") && domws_document_is_fully_active(document));
    CHECK(domws_socket_options_set_document(options, document, NULL));
    domws_socket *socket = open_socket(loop, "wss://example.com/", options);
    CHECK(!domws_document_unload(document) && !domws_document_is_fully_active(document));
    CHECK(!domws_socket_new(loop, domws_str("wss://example.com/"), options, &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_STATE);
    domws_socket_release(socket);
    domws_document_release(document);
    domws_socket_options_release(options);
    domws_loop_release(loop);
}

static void cookies_in_a_file(domws_cookie_jar *jar) {
    /* No UTF-8. */
    char path[4096], beside[4100], field[64];
    const char *folder = getenv("TMPDIR");
    domws_error error;
    domws_cookie_jar *other = domws_cookie_jar_new(NULL);
    int length = snprintf(path, sizeof path, "%s/domws-cookies-\xff-XXXXXX", folder && *folder ? folder : "/tmp");
    CHECK(length > 0 && (size_t)length < sizeof path);
    int file = mkstemp(path);
    CHECK(file >= 0 && close(file) == 0);
    CHECK(domws_cookie_jar_save(jar, domws_str(path), &error) && error.kind == DOMWS_ERROR_KIND_NONE);
    CHECK(domws_cookie_jar_load(other, domws_str(path), &error));
    CHECK(domws_cookie_jar_cookies(other, domws_str("wss://h/"), field, sizeof field) == 3 && !memcmp(field, "a=b", 3));
    /* What can't be written leaves what there was, and nothing else. */
    struct rlimit before, little = {10, 10};
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
    little.rlim_max = before.rlim_max;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &little) == 0);
    bool saved = domws_cookie_jar_save(jar, domws_str(path), &error);
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
    signal(SIGXFSZ, handler);
    CHECK(!saved && error.kind == DOMWS_ERROR_KIND_IO);
    domws_cookie_jar_clear(other);
    CHECK(domws_cookie_jar_load(other, domws_str(path), &error));
    CHECK(domws_cookie_jar_cookies(other, domws_str("wss://h/"), field, sizeof field) == 3 && !memcmp(field, "a=b", 3));
    glob_t files;
    snprintf(beside, sizeof beside, "%s*", path);
    CHECK(glob(beside, 0, NULL, &files) == 0 && files.gl_pathc == 1);
    globfree(&files);
    unlink(path);
    CHECK(!domws_cookie_jar_load(other, domws_str(path), &error) && error.kind == DOMWS_ERROR_KIND_IO);
    CHECK(!domws_cookie_jar_save(other, domws_str("/none/none"), &error) && error.kind == DOMWS_ERROR_KIND_IO);
    domws_cookie_jar_release(other);
}

static void cookies(void) {
    domws_error error;
    char field[64];
    domws_cookie_jar *jar = domws_cookie_jar_new(&error);
    if (!domws_has(DOMWS_FEATURE_COOKIES)) {
        CHECK(!jar && error.kind == DOMWS_ERROR_KIND_UNSUPPORTED);
        return;
    }
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    CHECK(domws_cookie_jar_set(jar, domws_str("https://h/"), domws_str("a=b; Secure"), NULL));
    CHECK(!domws_cookie_jar_set(jar, domws_str("no URL"), domws_str("a=b"), &error));
    CHECK(domws_cookie_jar_cookies(jar, domws_str("wss://h/"), field, sizeof field) == 3 && !memcmp(field, "a=b", 3));
    CHECK(domws_cookie_jar_cookies(jar, domws_str("ws://h/"), field, sizeof field) == 0);
    CHECK(domws_user_agent_options_set_cookie_jar(settings, jar, NULL));
    cookies_in_a_file(jar);
    domws_cookie_jar_clear(jar);
    CHECK(domws_cookie_jar_cookies(jar, domws_str("wss://h/"), NULL, 0) == 0);
    domws_cookie_jar_release(jar);
    domws_user_agent_options_release(settings);
}

static void certificates_and_proxies(void) {
    domws_error error;
    domws_bytes pem = {(const uint8_t *)"none", 4};
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    domws_error_kind missing = DOMWS_ERROR_KIND_UNSUPPORTED, wrong = DOMWS_ERROR_KIND_INVALID_ARGUMENT;
    CHECK(!domws_user_agent_options_add_root_certificates(settings, pem, &error));
    CHECK(error.kind == (domws_has(DOMWS_FEATURE_TLS) ? wrong : missing));
    CHECK(!domws_user_agent_options_add_root_certificate_file(settings, domws_str("/nowhere"), &error));
    CHECK(error.kind == (domws_has(DOMWS_FEATURE_TLS) ? DOMWS_ERROR_KIND_IO : missing));
    CHECK(!domws_user_agent_options_set_proxy(settings, domws_str("ftp://h"), &error));
    CHECK(error.kind == (domws_has(DOMWS_FEATURE_PROXIES) ? wrong : missing));
    if (domws_has(DOMWS_FEATURE_PROXIES)) {
        CHECK(domws_user_agent_options_set_proxy(settings, domws_str("socks5://h"), &error));
        CHECK(domws_user_agent_options_set_proxy_for(settings, DOMWS_PROXY_USE_HTTP, domws_str("h:3128"), &error));
        CHECK(domws_user_agent_options_set_proxy_bypass(settings, domws_str("localhost"), &error));
    }
    CHECK(!domws_has((domws_feature)99));
    domws_user_agent_options_release(settings);
}

int main(void) {
    struct flow whole = flow(SIZE);
    CHECK(whole.sent == MESSAGES && whole.received == MESSAGES && whole.blocked > 0 && whole.drained == whole.blocked);
    CHECK(whole.failure == DOMWS_FAILURE_NONE);
    struct flow cut = flow(SIZE - 1);
    CHECK(cut.received == 0);
    a_blocked_port();
    too_few_descriptors_left();
    documents();
    cookies();
    certificates_and_proxies();
    return 0;
}
