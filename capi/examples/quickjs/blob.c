#include "blob.h"

#include "convert.h"
#include "interface.h"

#include <string.h>

/* Slices of a blob share its memory. */
struct memory {
    int holders;
    uint8_t bytes[];
};

struct blob {
    struct memory *memory;
    size_t start, length;
    JSValue type;
};

/* What is being put together. */
struct builder {
    struct memory *memory;
    size_t length, capacity;
    bool has_native_endings;
};

static void let_go(JSRuntime *runtime, struct memory *memory) {
    if (memory && --memory->holders == 0)
        js_free_rt(runtime, memory);
}

static void finalize(JSRuntime *runtime, JSValueConst object) {
    JSClassID class_id;
    struct blob *blob = JS_GetAnyOpaque(object, &class_id);
    if (!blob)
        return;
    let_go(runtime, blob->memory);
    JS_FreeValueRT(runtime, blob->type);
    js_free_rt(runtime, blob);
}

/* Gives an object its bytes: the memory, if any, is held once more. It takes over the object and the type. */
static JSValue attach(JSContext *context, JSValue object, JSValue type, struct memory *memory, size_t start,
                      size_t length) {
    struct blob *blob = JS_IsException(object) || JS_IsException(type) ? NULL : js_malloc(context, sizeof *blob);
    if (!blob) {
        JS_FreeValue(context, object);
        JS_FreeValue(context, type);
        return JS_EXCEPTION;
    }
    *blob = (struct blob){memory, start, length, type};
    if (memory)
        ++memory->holders;
    JS_SetOpaque(object, blob);
    return object;
}

static bool append(JSContext *context, struct builder *builder, const void *bytes, size_t length) {
    if (length > builder->capacity - builder->length) {
        size_t capacity = builder->length + length;
        struct memory *memory;
        if (capacity < 2 * builder->capacity)
            capacity = 2 * builder->capacity;
        memory = js_realloc(context, builder->memory, sizeof *memory + capacity);
        if (!memory)
            return false;
        memory->holders = 1;
        builder->memory = memory;
        builder->capacity = capacity;
    }
    if (length)
        memcpy(builder->memory->bytes + builder->length, bytes, length);
    builder->length += length;
    return true;
}

/* File API "convert line endings to native", which are "\n" here. */
static bool append_lines(JSContext *context, struct builder *builder, const char *text, size_t length) {
    const char *end = text + length;
    while (text < end) {
        const char *line_end = memchr(text, '\r', (size_t)(end - text));
        if (!line_end)
            return append(context, builder, text, (size_t)(end - text));
        if (!append(context, builder, text, (size_t)(line_end - text)) || !append(context, builder, "\n", 1))
            return false;
        text = line_end + 1;
        text += text < end && *text == '\n';
    }
    return true;
}

static bool append_text(JSContext *context, struct builder *builder, JSValueConst value) {
    JSValue text = convert_to_usv_string(context, value);
    size_t length;
    const char *bytes = JS_IsException(text) ? NULL : JS_ToCStringLen(context, &length, text);
    bool is_appended = bytes && (builder->has_native_endings ? append_lines(context, builder, bytes, length)
                                                             : append(context, builder, bytes, length));
    JS_FreeCString(context, bytes);
    JS_FreeValue(context, text);
    return is_appended;
}

/* What a sequence of parts holds: bytes are taken when all are converted, and so they are kept as values. */
static bool keep_part(JSContext *context, JSValueConst value, void *data) {
    JSValueConst parts = *(JSValue *)data;
    domws_bytes bytes;
    bool is_buffer = blob_bytes(page_of(context), value, &bytes);
    int64_t count;
    JSValue part;
    if (!is_buffer && !convert_to_bytes(context, value, &bytes, &is_buffer))
        return false;
    part = is_buffer ? JS_DupValue(context, value) : convert_to_usv_string(context, value);
    return !JS_IsException(part) && JS_GetLength(context, parts, &count) == 0 &&
           JS_DefinePropertyValueUint32(context, parts, (uint32_t)count, part, JS_PROP_C_W_E) >= 0;
}

static bool append_parts(JSContext *context, struct builder *builder, JSValueConst parts) {
    int64_t count;
    if (JS_GetLength(context, parts, &count))
        return false;
    for (int64_t i = 0; i < count; i++) {
        JSValue part = JS_GetPropertyInt64(context, parts, i);
        domws_bytes bytes;
        bool is_buffer = blob_bytes(page_of(context), part, &bytes);
        bool is_appended =
            (is_buffer || convert_to_bytes(context, part, &bytes, &is_buffer)) &&
            (is_buffer ? append(context, builder, bytes.data, bytes.len) : append_text(context, builder, part));
        JS_FreeValue(context, part);
        if (!is_appended)
            return false;
    }
    return true;
}

/* A blob's type, from what is not undefined: in lower case, and empty where it is not printable ASCII. */
static JSValue convert_type(JSContext *context, JSValueConst value) {
    JSValue result = JS_EXCEPTION;
    const char *text;
    char *type;
    size_t length;
    if (JS_IsUndefined(value))
        return JS_NewString(context, "");
    text = JS_ToCStringLen(context, &length, value);
    type = text ? js_malloc(context, length + 1) : NULL;
    if (type) {
        bool is_printable = true;
        for (size_t i = 0; i < length; i++) {
            is_printable &= text[i] >= 0x20 && text[i] <= 0x7e;
            type[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
        }
        result = JS_NewStringLen(context, type, is_printable ? length : 0);
    }
    js_free(context, type);
    JS_FreeCString(context, text);
    return result;
}

static bool read_endings(JSContext *context, JSValueConst options, bool *are_native) {
    JSValue value = convert_member(context, options, "endings");
    const char *endings;
    bool is_known = true;
    *are_native = false;
    if (JS_IsUndefined(value))
        return true;
    endings = JS_IsException(value) ? NULL : JS_ToCString(context, value);
    JS_FreeValue(context, value);
    if (!endings)
        return false;
    *are_native = strcmp(endings, "native") == 0;
    if (!*are_native && strcmp(endings, "transparent") != 0) {
        JS_ThrowTypeError(context, "endings is neither transparent nor native");
        is_known = false;
    }
    JS_FreeCString(context, endings);
    return is_known;
}

static JSValue construct(JSContext *context, JSValueConst new_target, int argc, JSValueConst *argv) {
    JSValueConst options = interface_argument(argc, argv, 1), sequence = interface_argument(argc, argv, 0);
    JSValue parts = JS_NewArray(context), value = JS_UNDEFINED, type = JS_EXCEPTION, object = JS_EXCEPTION;
    struct builder builder = {0};
    if (JS_IsException(parts) ||
        (!JS_IsUndefined(sequence) && !convert_sequence(context, sequence, keep_part, &parts, NULL)) ||
        !convert_is_dictionary(context, options) || !read_endings(context, options, &builder.has_native_endings))
        goto out;
    value = convert_member(context, options, "type");
    if (JS_IsException(value))
        goto out;
    type = convert_type(context, value);
    if (!JS_IsException(type) && append_parts(context, &builder, parts))
        object = interface_construct(context, new_target, BLOB, page_of(context)->blob_class);
    object = attach(context, object, type, builder.memory, 0, builder.length);
out:
    let_go(JS_GetRuntime(context), builder.memory);
    JS_FreeValue(context, value);
    JS_FreeValue(context, parts);
    return object;
}

JSValue blob_new(struct page *page, domws_bytes bytes) {
    JSContext *context = page->context;
    struct builder builder = {0};
    JSValue object = JS_EXCEPTION;
    if (append(context, &builder, bytes.data, bytes.len)) {
        object = JS_NewObjectProtoClass(context, page->prototypes[BLOB], page->blob_class);
        object = attach(context, object, JS_NewString(context, ""), builder.memory, 0, builder.length);
    }
    let_go(JS_GetRuntime(context), builder.memory);
    return object;
}

bool blob_bytes(const struct page *page, JSValueConst value, domws_bytes *bytes) {
    const struct blob *blob = JS_GetOpaque(value, page->blob_class);
    if (!blob)
        return false;
    *bytes = (domws_bytes){blob->memory ? blob->memory->bytes + blob->start : (const uint8_t *)"", blob->length};
    return true;
}

static struct blob *this_blob(JSContext *context, JSValueConst value) {
    return JS_GetOpaque2(context, value, page_of(context)->blob_class);
}

static JSValue size(JSContext *context, JSValueConst this_value) {
    const struct blob *blob = this_blob(context, this_value);
    return blob ? JS_NewInt64(context, (int64_t)blob->length) : JS_EXCEPTION;
}

static JSValue type(JSContext *context, JSValueConst this_value) {
    const struct blob *blob = this_blob(context, this_value);
    return blob ? JS_DupValue(context, blob->type) : JS_EXCEPTION;
}

/* An end of a slice: counted from the blob's end, if it is negative. */
static bool position(JSContext *context, JSValueConst value, size_t length, size_t *result) {
    int64_t number, most = (int64_t)length;
    if (JS_IsUndefined(value))
        return true;
    if (!convert_to_clamped_long_long(context, value, &number))
        return false;
    if (number < 0)
        number = number < -most ? 0 : most + number;
    *result = (size_t)(number > most ? most : number);
    return true;
}

static JSValue slice(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    struct page *page = page_of(context);
    const struct blob *blob = this_blob(context, this_value);
    size_t start = 0, end = blob ? blob->length : 0;
    JSValue object;
    if (!blob || !position(context, interface_argument(argc, argv, 0), blob->length, &start) ||
        !position(context, interface_argument(argc, argv, 1), blob->length, &end))
        return JS_EXCEPTION;
    JSValue media_type = convert_type(context, interface_argument(argc, argv, 2));
    object = JS_NewObjectProtoClass(context, page->prototypes[BLOB], page->blob_class);
    return attach(context, object, media_type, blob->memory, blob->start + start, end > start ? end - start : 0);
}

enum reading { TEXT, ARRAY_BUFFER, BYTES };

static JSValue read(JSContext *context, domws_bytes bytes, enum reading reading) {
    switch (reading) {
    case TEXT:
        /* "UTF-8 decode" takes a byte order mark away. (For a surrogate of three bytes it has three
         * U+FFFD, and here is one.) */
        if (bytes.len >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
            bytes = (domws_bytes){bytes.data + 3, bytes.len - 3};
        return convert_from_utf8(context, (domws_string){(const char *)bytes.data, bytes.len});
    case ARRAY_BUFFER:
        return JS_NewArrayBufferCopy(context, bytes.data, bytes.len);
    default:
        return JS_NewUint8ArrayCopy(context, bytes.data, bytes.len);
    }
}

/* An operation that returns a promise rejects it, whatever is wrong. */
static JSValue promise(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv, int reading) {
    domws_bytes bytes;
    JSValue value, result;
    bool is_rejected;
    (void)argc, (void)argv;
    if (blob_bytes(page_of(context), this_value, &bytes))
        value = read(context, bytes, (enum reading)reading);
    else
        value = JS_ThrowTypeError(context, "this is no Blob");
    is_rejected = JS_IsException(value);
    if (is_rejected)
        value = JS_GetException(context);
    result = JS_NewSettledPromise(context, is_rejected, value);
    JS_FreeValue(context, value);
    return result;
}

static const JSCFunctionListEntry functions[] = {
    ATTRIBUTE("size", size, NULL),
    ATTRIBUTE("type", type, NULL),
    OPERATION("slice", 0, slice),
    OPERATION_MAGIC("text", 0, promise, TEXT),
    OPERATION_MAGIC("arrayBuffer", 0, promise, ARRAY_BUFFER),
    OPERATION_MAGIC("bytes", 0, promise, BYTES),
    TO_STRING_TAG("Blob"),
};
static const struct interface_definition definition = {
    .name = "Blob", .constructor = construct, .parent = BLOB, .members = functions, .member_count = COUNT(functions)};

bool blob_define(struct page *page) {
    static const JSClassDef class = {"Blob", .finalizer = finalize};
    return interface_define_class(page, page->blob_class, &class) && interface_define(page, BLOB, &definition);
}
