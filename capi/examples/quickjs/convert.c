#include "convert.h"

#include <math.h>

JSAtom convert_to_atom(JSContext *context, JSValueConst value) {
    JSValue text = JS_ToString(context, value);
    JSAtom atom = JS_IsException(text) ? JS_ATOM_NULL : JS_ValueToAtom(context, text);
    JS_FreeValue(context, text);
    return atom;
}

JSValue convert_from_utf8(JSContext *context, domws_string text) {
    size_t ascii = 0, units;
    uint16_t *buffer;
    JSValue value;
    while (ascii < text.len && (unsigned char)text.data[ascii] < 0x80)
        ++ascii;
    if (ascii == text.len)
        return JS_NewStringLen(context, text.data, text.len);
    units = domws_string_to_utf16(text, NULL, 0);
    buffer = js_malloc(context, units * sizeof *buffer);
    if (!buffer)
        return JS_EXCEPTION;
    domws_string_to_utf16(text, buffer, units);
    value = JS_NewStringUTF16(context, buffer, units);
    js_free(context, buffer);
    return value;
}

JSValue convert_to_usv_string(JSContext *context, JSValueConst value) {
    JSValue result = JS_EXCEPTION;
    size_t length;
    const char *text = JS_ToCStringLen(context, &length, value);
    if (text) /* An unpaired surrogate is written as if it were a character. */
        result = convert_from_utf8(context, (domws_string){text, length});
    JS_FreeCString(context, text);
    return result;
}

static bool to_number(JSContext *context, JSValueConst value, double *number) {
    JSValue converted = JS_ToNumber(context, value); /* Which refuses a BigInt. */
    return !JS_IsException(converted) && JS_ToFloat64(context, number, converted) == 0;
}

bool convert_to_unsigned(JSContext *context, JSValueConst value, int bits, uint32_t *result) {
    double number, modulus = ldexp(1, bits);
    if (!to_number(context, value, &number))
        return false;
    number = isfinite(number) ? fmod(trunc(number), modulus) : 0;
    *result = (uint32_t)(number < 0 ? number + modulus : number);
    return true;
}

/* Ties go to the even number, NaN to 0. */
static double clamp(double number, double least, double most) {
    return isnan(number) ? 0 : nearbyint(fmin(fmax(number, least), most));
}

bool convert_to_clamped_unsigned_short(JSContext *context, JSValueConst value, uint16_t *result) {
    double number;
    if (!to_number(context, value, &number))
        return false;
    *result = (uint16_t)clamp(number, 0, 65535);
    return true;
}

bool convert_to_clamped_long_long(JSContext *context, JSValueConst value, int64_t *result) {
    static const double limit = 9007199254740991;
    double number;
    if (!to_number(context, value, &number))
        return false;
    *result = (int64_t)clamp(number, -limit, limit);
    return true;
}

bool convert_is_dictionary(JSContext *context, JSValueConst value) {
    if (JS_IsObject(value) || JS_IsUndefined(value) || JS_IsNull(value))
        return true;
    JS_ThrowTypeError(context, "the options are not an object");
    return false;
}

JSValue convert_member(JSContext *context, JSValueConst dictionary, const char *name) {
    return JS_IsObject(dictionary) ? JS_GetPropertyStr(context, dictionary, name) : JS_UNDEFINED;
}

bool convert_boolean_member(JSContext *context, JSValueConst dictionary, const char *name, bool *result) {
    JSValue value = convert_member(context, dictionary, name);
    if (JS_IsException(value))
        return false;
    *result = JS_ToBool(context, value);
    JS_FreeValue(context, value);
    return true;
}

/* Whether there was a next value, and it was taken. */
static bool take_next(JSContext *context, JSValueConst iterator, JSValueConst next, convert_add *add, void *data,
                      bool *is_done) {
    JSValue value, done, result = JS_Call(context, next, iterator, 0, NULL);
    bool is_taken = false;
    if (JS_IsException(result))
        return false;
    if (!JS_IsObject(result)) {
        JS_ThrowTypeError(context, "the iterator's result is not an object");
        goto out;
    }
    done = JS_GetPropertyStr(context, result, "done");
    if (JS_IsException(done))
        goto out;
    *is_done = JS_ToBool(context, done);
    JS_FreeValue(context, done);
    is_taken = *is_done;
    if (!is_taken) {
        value = JS_GetPropertyStr(context, result, "value");
        is_taken = !JS_IsException(value) && add(context, value, data);
        JS_FreeValue(context, value);
    }
out:
    JS_FreeValue(context, result);
    return is_taken;
}

bool convert_sequence(JSContext *context, JSValueConst value, convert_add *add, void *data, bool *is_sequence) {
    JSValue iterator = JS_UNDEFINED, next = JS_UNDEFINED, method = JS_UNDEFINED;
    bool is_converted = false, is_done = false;
    if (JS_IsObject(value)) {
        method = JS_GetProperty(context, value, page_of(context)->symbol_iterator);
        if (JS_IsException(method))
            return false;
    }
    bool has_method = !JS_IsUndefined(method) && !JS_IsNull(method);
    if (is_sequence)
        *is_sequence = has_method;
    if (!has_method) {
        if (!is_sequence)
            JS_ThrowTypeError(context, "the value is not iterable");
        return is_sequence;
    }
    iterator = JS_Call(context, method, value, 0, NULL); /* A TypeError where it is no function. */
    if (JS_IsException(iterator))
        goto out;
    if (!JS_IsObject(iterator)) {
        JS_ThrowTypeError(context, "the iterator is not an object");
        goto out;
    }
    next = JS_GetPropertyStr(context, iterator, "next");
    if (JS_IsException(next))
        goto out;
    do
        is_converted = take_next(context, iterator, next, add, data, &is_done);
    while (is_converted && !is_done);
out:
    JS_FreeValue(context, method);
    JS_FreeValue(context, iterator);
    JS_FreeValue(context, next);
    return is_converted;
}

static JSValue ask(JSContext *context, enum intrinsic getter, JSValueConst value) {
    return JS_Call(context, page_of(context)->intrinsics[getter], value, 0, NULL);
}

static bool ask_for_size(JSContext *context, enum intrinsic getter, JSValueConst value, size_t *size) {
    JSValue answer = ask(context, getter, value);
    int64_t number;
    if (JS_IsException(answer) || JS_ToInt64(context, &number, answer))
        return false;
    *size = (size_t)number;
    return true;
}

/* The bytes of a buffer that is neither shared nor resizable: none where it is detached. */
static bool buffer_bytes(JSContext *context, JSValueConst buffer, domws_bytes *bytes) {
    JSValue is_resizable = JS_UNDEFINED;
    if (!JS_IsArrayBuffer(buffer)) {
        JS_ThrowTypeError(context, "the memory is shared");
        return false;
    }
    is_resizable = ask(context, BUFFER_IS_RESIZABLE, buffer);
    if (JS_IsException(is_resizable))
        return false;
    if (JS_ToBool(context, is_resizable)) {
        JS_ThrowTypeError(context, "the memory can change its size");
        return false;
    }
    bytes->data = JS_GetArrayBuffer(context, &bytes->len, buffer);
    if (!bytes->data)
        JS_FreeValue(context, JS_GetException(context));
    return true;
}

static bool view_bytes(JSContext *context, JSValueConst view, enum intrinsic first, domws_bytes *bytes) {
    size_t offset = 0, length = 0;
    JSValue buffer = ask(context, first, view);
    bool is_converted = !JS_IsException(buffer) && buffer_bytes(context, buffer, bytes);
    if (is_converted && bytes->data) {
        is_converted =
            ask_for_size(context, first + 1, view, &offset) && ask_for_size(context, first + 2, view, &length);
        bytes->data += offset;
        bytes->len = length;
    }
    JS_FreeValue(context, buffer);
    return is_converted;
}

bool convert_to_bytes(JSContext *context, JSValueConst value, domws_bytes *bytes, bool *is_buffer) {
    bool is_typed_array = JS_GetTypedArrayType(value) >= 0, is_data_view = JS_IsDataView(value);
    *bytes = (domws_bytes){NULL, 0};
    *is_buffer = is_typed_array || is_data_view || JS_IsArrayBuffer(value);
    if (!*is_buffer)
        return true;
    if (is_typed_array)
        return view_bytes(context, value, TYPED_ARRAY_BUFFER, bytes);
    if (is_data_view)
        return view_bytes(context, value, DATA_VIEW_BUFFER, bytes);
    return buffer_bytes(context, value, bytes);
}

JSValue convert_throw(JSContext *context, const domws_error *error) {
    if (domws_error_code(error->kind))
        return JS_ThrowDOMException(context, domws_error_name(error->kind), "%s", error->message);
    return JS_ThrowInternalError(context, "%s: %s", domws_error_name(error->kind), error->message);
}
