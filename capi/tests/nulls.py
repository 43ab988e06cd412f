#!/usr/bin/env python3
"""Makes a program that calls every function of domws.h, on standard input, with nothing but NULL, 0 and empty texts,
first with an error to be told and then without. It must not crash, and where there is an error it must say so."""

import re
import sys

from header import functions, nothings

# What works without a handle.
WORKS = {
    "domws_cookie_jar_new",
    "domws_event_new",
    "domws_event_new_close",
    "domws_loop_new",
    "domws_server_options_new",
    "domws_socket_options_new",
    "domws_user_agent_new",
    "domws_user_agent_options_new",
}
# The URL that is missing is none.
SYNTAX = {"domws_document_new"}

calls = list(functions(sys.stdin.read()))
print('#include "check.h"\n\nstatic domws_error error;\n')
for name, types in calls:
    has_error = types[-1] == "domws_error *"
    lines, values = nothings(types)
    print(f"static void {name[6:]}_of_nothing(void) {{", *lines, sep="\n")
    if name in WORKS:
        release = re.sub("_new.*", "_release", name)
        for last in ("&error", "NULL"):
            print(f"    {release}({name}({', '.join(values[:-1] + [last])}));")
            print("    CHECK(error.kind == DOMWS_ERROR_KIND_NONE || error.kind == DOMWS_ERROR_KIND_UNSUPPORTED);")
    elif has_error:
        kind = "SYNTAX" if name in SYNTAX else "INVALID_ARGUMENT"
        print("    memset(&error, 0x55, sizeof error);")
        print(f"    (void){name}({', '.join(values[:-1] + ['&error'])});")
        print(f"    CHECK(error.kind == DOMWS_ERROR_KIND_{kind} || error.kind == DOMWS_ERROR_KIND_UNSUPPORTED);")
        print("    CHECK(*error.message);")
    print(f"    (void){name}({', '.join(values)});" if name not in WORKS else "")
    print("}\n")
print("int main(void) {")
for name, _ in calls:
    print(f"    {name[6:]}_of_nothing();")
print("    return 0;\n}")
