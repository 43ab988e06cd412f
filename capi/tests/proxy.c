/* By way of a proxy, which has a thread of its own and wants a password. */
#include "meeting.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

struct proxy {
    int listener, tunnels, refusals;
    uint16_t port;
    pthread_t thread;
};

static int connect_to(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(connection, (struct sockaddr *)&address, sizeof address) == 0);
    return connection;
}

static void say(int connection, const char *text) {
    CHECK(write(connection, text, strlen(text)) == (ssize_t)strlen(text));
}

/* False at its end. */
static bool pass_on(int from, int to) {
    char bytes[4096];
    ssize_t len = read(from, bytes, sizeof bytes);
    if (len <= 0)
        return false;
    CHECK(write(to, bytes, (size_t)len) == len);
    return true;
}

static void tunnel(int client, int server) {
    struct pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    for (;;) {
        CHECK(poll(both, 2, -1) > 0);
        if (both[0].revents && !pass_on(client, server))
            break;
        if (both[1].revents && !pass_on(server, client))
            break;
    }
    close(server);
}

/* One request for each connection. */
static void serve(struct proxy *proxy, int client) {
    char head[2048] = "";
    size_t len = 0;
    unsigned port;
    while (!strstr(head, "\r\n\r\n")) {
        ssize_t count = read(client, head + len, sizeof head - len - 1);
        if (count <= 0)
            return;
        head[len += (size_t)count] = '\0';
    }
    CHECK(sscanf(head, "CONNECT 127.0.0.1:%u HTTP/1.1\r\n", &port) == 1);
    /* user:right */
    if (!strstr(head, "Basic dXNlcjpyaWdodA==")) {
        ++proxy->refusals;
        say(client, "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"here\"\r\nContent-Length: 0\r\n"
                    "Connection: close\r\n\r\n");
        return;
    }
    ++proxy->tunnels;
    say(client, "HTTP/1.1 200 Go on\r\n\r\n");
    tunnel(client, connect_to((uint16_t)port));
}

static void *run_proxy(void *data) {
    struct proxy *proxy = data;
    int client;
    while ((client = accept(proxy->listener, NULL, NULL)) >= 0) {
        serve(proxy, client);
        close(client);
    }
    return NULL;
}

static void start(struct proxy *proxy) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    proxy->listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(proxy->listener, (struct sockaddr *)&address, len) == 0 && listen(proxy->listener, 8) == 0);
    CHECK(getsockname(proxy->listener, (struct sockaddr *)&address, &len) == 0);
    proxy->port = ntohs(address.sin_port);
    CHECK(pthread_create(&proxy->thread, NULL, run_proxy, proxy) == 0);
}

static void stop(struct proxy *proxy) {
    shutdown(proxy->listener, SHUT_RDWR);
    pthread_join(proxy->thread, NULL);
    close(proxy->listener);
}

static void on_challenge(domws_challenge *challenge, void *data) {
    int *asked = data;
    CHECK(domws_challenge_is_proxy(challenge) && is(domws_challenge_realm(challenge), "here"));
    ++*asked;
    if (domws_challenge_attempt(challenge) <= 2)
        CHECK(domws_challenge_answer(challenge, domws_str("user"), domws_str(*asked == 1 ? "wrong" : "right"), NULL));
}

static struct outcome meet_through(domws_user_agent_options *settings) {
    char url[64];
    domws_loop *loop = new_loop();
    domws_server *server = listen_at(loop, NULL, url);
    struct outcome outcome = meet(loop, server, url, settings);
    domws_server_release(server);
    domws_loop_release(loop);
    return outcome;
}

/* Which proxy is asked, as whom. */
static domws_user_agent_options *by_way_of(const struct proxy *proxy, const char *user) {
    char url[96];
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    snprintf(url, sizeof url, "http://%s127.0.0.1:%u", user, proxy->port);
    CHECK(domws_user_agent_options_set_proxy(settings, domws_str(url), NULL));
    return settings;
}

int main(void) {
    struct proxy proxy = {0};
    int asked = 0;
    domws_user_agent_options *settings;
    if (!domws_has(DOMWS_FEATURE_PROXIES))
        return 0; /* test-limits sees that it says so. */
    start(&proxy);
    struct outcome outcome = meet_through(by_way_of(&proxy, "user:right@"));
    CHECK(outcome.received == 1 && outcome.steps[DOMWS_STEP_PROXIED] == 1);
    settings = by_way_of(&proxy, "");
    CHECK(domws_user_agent_options_set_proxy_credentials(settings, on_challenge, &asked, NULL, NULL));
    CHECK(meet_through(settings).received == 1 && asked == 2);
    outcome = meet_through(by_way_of(&proxy, "user:wrong@"));
    CHECK(outcome.opened == 0 && outcome.failure == DOMWS_FAILURE_PROXY_UNAUTHORIZED);
    /* Not by way of it. */
    settings = by_way_of(&proxy, "");
    CHECK(domws_user_agent_options_set_proxy_bypass(settings, domws_str("127.0.0.0/8"), NULL));
    outcome = meet_through(settings);
    CHECK(outcome.received == 1 && outcome.steps[DOMWS_STEP_PROXIED] == 0);
    stop(&proxy);
    CHECK(proxy.tunnels == 2 && proxy.refusals >= 3);
    /* It is not there any more. */
    outcome = meet_through(by_way_of(&proxy, ""));
    CHECK(outcome.opened == 0 && outcome.failure == DOMWS_FAILURE_PROXY_NOT_CONNECTED);
    return 0;
}
