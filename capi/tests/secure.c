/* wss: to a server with a certificate of its own. */
#include "meeting.h"

/* A file of $DOMWS_TEST_CERTIFICATES. */
static const char *path_of(const char *name) {
    static char path[1024];
    const char *folder = getenv("DOMWS_TEST_CERTIFICATES");
    CHECK(folder);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static domws_bytes contents(const char *name) {
    static uint8_t memory[4][8192];
    static int next;
    uint8_t *place = memory[next++ % 4];
    FILE *file = fopen(path_of(name), "rb");
    CHECK(file);
    domws_bytes bytes = {place, fread(place, 1, sizeof *memory, file)};
    CHECK(bytes.len > 0 && bytes.len < sizeof *memory);
    fclose(file);
    return bytes;
}

static domws_server *listen_securely(domws_loop *loop, char url[64]) {
    domws_server_options *options = domws_server_options_new(NULL);
    domws_server *server;
    CHECK(domws_server_options_set_tls(options, contents("server.pem"), contents("server.key"), NULL));
    server = listen_at(loop, options, url);
    snprintf(url, 64, "wss://127.0.0.1:%u/", domws_server_port(server));
    domws_server_options_release(options);
    return server;
}

static struct outcome meet_securely(domws_user_agent_options *settings) {
    char url[64];
    domws_loop *loop = new_loop();
    domws_server *server = listen_securely(loop, url);
    struct outcome outcome = meet(loop, server, url, settings);
    domws_server_release(server);
    domws_loop_release(loop);
    return outcome;
}

static void its_own_certificate(void) {
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    CHECK(domws_user_agent_options_add_root_certificate_file(settings, domws_str(path_of("server.pem")), NULL));
    CHECK(domws_user_agent_options_set_client_certificate(settings, contents("other.pem"), contents("other.key"), NULL));
    struct outcome outcome = meet_securely(settings);
    CHECK(outcome.opened == 1 && outcome.received == 1 && outcome.failure == DOMWS_FAILURE_NONE);
    CHECK(outcome.steps[DOMWS_STEP_SECURED] == 1);
}

static void another_one(void) {
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    CHECK(domws_user_agent_options_add_root_certificates(settings, contents("other.pem"), NULL));
    struct outcome outcome = meet_securely(settings);
    CHECK(outcome.opened == 0 && outcome.failure == DOMWS_FAILURE_TLS && outcome.steps[DOMWS_STEP_SECURED] == 0);
}

static void whichever(void) {
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    CHECK(domws_user_agent_options_dangerously_accept_any_certificate(settings, NULL));
    CHECK(meet_securely(settings).received == 1);
}

static void a_key_that_does_not_fit(void) {
    domws_error error;
    domws_loop *loop = new_loop();
    domws_server_options *options = domws_server_options_new(NULL);
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    CHECK(domws_server_options_set_tls(options, contents("server.pem"), contents("other.key"), NULL));
    CHECK(!domws_server_listen(loop, domws_str("127.0.0.1:0"), options, &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT && *error.message);
    CHECK(!domws_user_agent_options_set_client_certificate(settings, contents("server.pem"), contents("other.key"), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT);
    domws_user_agent_options_release(settings);
    domws_server_options_release(options);
    domws_loop_release(loop);
}

/* Nothing is sent in the clear instead. */
static void without_tls(void) {
    domws_error error;
    char url[64];
    domws_loop *loop = new_loop();
    domws_server_options *options = domws_server_options_new(NULL);
    domws_server *server;
    CHECK(!domws_server_options_set_tls(options, contents("server.pem"), contents("server.key"), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_UNSUPPORTED);
    server = listen_at(loop, options, url);
    domws_server_options_release(options);
    snprintf(url, sizeof url, "wss://127.0.0.1:%u/", domws_server_port(server));
    struct outcome outcome = meet(loop, server, url, domws_user_agent_options_new(NULL));
    CHECK(outcome.opened == 0 && outcome.failure != DOMWS_FAILURE_NONE && outcome.steps[DOMWS_STEP_REQUESTED] == 0);
    domws_server_release(server);
    domws_loop_release(loop);
}

int main(void) {
    if (!domws_has(DOMWS_FEATURE_TLS)) {
        without_tls();
        return 0;
    }
    its_own_certificate();
    another_one();
    whichever();
    a_key_that_does_not_fit();
    return 0;
}
