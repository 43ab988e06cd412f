#!/usr/bin/env python3
"""Makes a program that calls every function of domws.h, on standard input, whose handle belongs to a thread, on another
one. It must do nothing, not give back either, and where there is an error it must say so."""

import sys

from header import functions, nothings

# What makes a handle; the later ones want the earlier ones.
HANDLES = {
    "loop": "new_loop()",
    "socket": 'open_socket(loop, "ws://127.0.0.1:65531/", NULL)',
    "server": 'domws_server_listen(loop, domws_str("127.0.0.1:0"), NULL, NULL)',
    "event": 'domws_event_new(domws_str("message"), 0, NULL)',
    "document": 'domws_document_new(domws_str("https://example.com/"), domws_str(""), NULL)',
    "cookie_jar": "domws_cookie_jar_new(NULL)",
    "socket_options": "domws_socket_options_new(NULL)",
    "server_options": "domws_server_options_new(NULL)",
    "user_agent_options": "domws_user_agent_options_new(NULL)",
    "user_agent": "domws_user_agent_new(NULL, NULL)",
    "listener": "add_listener(socket)",
}

print('#include "check.h"\n#include <pthread.h>\n\nstatic domws_error error;')
for kind in HANDLES:
    print(f"static domws_{kind} *{kind};")
print("""
static void never(domws_socket *target, domws_event *dispatched, void *data) {
    (void)target, (void)dispatched, (void)data;
    CHECK(!"this is called");
}

static domws_listener *add_listener(domws_socket *target) {
    domws_listener *added;
    CHECK(domws_socket_add_event_listener(target, domws_str("x"), never, NULL, NULL, 0, &added, NULL));
    return added;
}
""")
calls = []
for name, types in functions(sys.stdin.read()):
    kind = types[0].removeprefix("const ").removeprefix("domws_").removesuffix(" *")
    if kind not in HANDLES:
        continue
    calls.append(name)
    lines, values = nothings(types)
    values[0] = kind
    print(f"static void {name[6:]}_elsewhere(void) {{", *lines[2:], sep="\n")
    if types[-1] == "domws_error *":
        print(f"    (void){name}({', '.join(values[:-1] + ['&error'])});")
        # Without cookies there is no jar.
        missing = "error.kind == DOMWS_ERROR_KIND_UNSUPPORTED" if kind == "cookie_jar" else "false"
        print(f"    CHECK(error.kind == DOMWS_ERROR_KIND_WRONG_THREAD || {missing});")
    print(f"    (void){name}({', '.join(values)});\n}}\n")
assert len(calls) > 120, "the header is not as it was"
print("static void *elsewhere(void *data) {")
print(*(f"    {name[6:]}_elsewhere();" for name in calls), "    return data;\n}\n", sep="\n")
print("int main(void) {\n    pthread_t thread;")
print(*(f"    {kind} = {make};" for kind, make in HANDLES.items()), sep="\n")
print("    CHECK(pthread_create(&thread, NULL, elsewhere, NULL) == 0);\n    pthread_join(thread, NULL);")
print("    CHECK(domws_socket_ready_state(socket) == DOMWS_READY_STATE_CONNECTING && domws_server_port(server) != 0);")
print("    CHECK(domws_loop_turn(loop, &error) != DOMWS_TURN_IDLE && error.kind == DOMWS_ERROR_KIND_NONE);")
print(*(f"    domws_{kind}_release({kind});" for kind in reversed(HANDLES)), "    return 0;\n}", sep="\n")
