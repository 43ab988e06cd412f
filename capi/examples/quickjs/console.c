#include "console.h"

#include "interface.h"

#include <stdio.h>

/* A value for a person to read; that it can't be shown is no error. */
static void print(JSContext *context, JSValueConst value, FILE *file) {
    bool is_plain = JS_IsObject(value) && !JS_IsError(value) && !JS_IsFunction(context, value);
    JSValue shown =
        is_plain ? JS_JSONStringify(context, value, JS_UNDEFINED, JS_UNDEFINED) : JS_ToString(context, value);
    size_t length;
    const char *text = JS_IsException(shown) ? NULL : JS_ToCStringLen(context, &length, shown);
    if (text) {
        fwrite(text, 1, length, file);
    } else {
        JS_FreeValue(context, JS_GetException(context));
        fputs("[?]", file);
    }
    JS_FreeCString(context, text);
    JS_FreeValue(context, shown);
}

static JSValue log_to(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv, int is_error) {
    FILE *file = is_error ? stderr : stdout;
    (void)this_value;
    for (int i = 0; i < argc; i++) {
        if (i > 0)
            putc(' ', file);
        print(context, argv[i], file);
    }
    putc('\n', file);
    fflush(file);
    return JS_UNDEFINED;
}

bool console_define(struct page *page) {
    static const JSCFunctionListEntry functions[] = {
        OPERATION_MAGIC("log", 0, log_to, false),   OPERATION_MAGIC("info", 0, log_to, false),
        OPERATION_MAGIC("debug", 0, log_to, false), OPERATION_MAGIC("warn", 0, log_to, true),
        OPERATION_MAGIC("error", 0, log_to, true),
    };
    JSValue console = JS_NewObject(page->context);
    if (JS_IsException(console) || JS_SetPropertyFunctionList(page->context, console, functions, COUNT(functions))) {
        JS_FreeValue(page->context, console);
        return false;
    }
    return JS_SetPropertyStr(page->context, page->global, "console", console) >= 0;
}
