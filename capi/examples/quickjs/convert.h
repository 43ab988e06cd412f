/* Conversions of WebIDL, from script's values to an interface's. Each fails with an exception pending. */
#ifndef CONVERT_H
#define CONVERT_H

#include "page.h"

/* `DOMString` as an atom, by which types of events are compared. JS_ATOM_NULL where it fails. */
JSAtom convert_to_atom(JSContext *context, JSValueConst value);

/* A text of UTF-8: what is not well-formed in it is U+FFFD. */
JSValue convert_from_utf8(JSContext *context, domws_string text);

/* `USVString`: an unpaired surrogate is U+FFFD. */
JSValue convert_to_usv_string(JSContext *context, JSValueConst value);

/* `unsigned short` of 16 bits, `unsigned long` of 32. */
bool convert_to_unsigned(JSContext *context, JSValueConst value, int bits, uint32_t *result);

/* `[Clamp] unsigned short`. */
bool convert_to_clamped_unsigned_short(JSContext *context, JSValueConst value, uint16_t *result);

/* `[Clamp] long long`. */
bool convert_to_clamped_long_long(JSContext *context, JSValueConst value, int64_t *result);

/* A dictionary's member, undefined where it is absent: of an object, of undefined or of null. */
JSValue convert_member(JSContext *context, JSValueConst dictionary, const char *name);

/* A dictionary's member that is a `boolean`: false where it is absent. */
bool convert_boolean_member(JSContext *context, JSValueConst dictionary, const char *name, bool *result);

/* A dictionary: a TypeError where it is neither an object nor undefined nor null. */
bool convert_is_dictionary(JSContext *context, JSValueConst value);

/* `sequence<T>`: calls `add` with each value, and stops when that says false. `*is_sequence`, where that is not NULL,
 * is false and nothing is done where the value is no object with an iterator. */
typedef bool convert_add(JSContext *context, JSValueConst value, void *data);
bool convert_sequence(JSContext *context, JSValueConst value, convert_add *add, void *data, bool *is_sequence);

/* `BufferSource`, as bytes: they are valid until script runs. `*is_buffer` is false where the value is none; memory
 * that is shared or can change its size is a TypeError. */
bool convert_to_bytes(JSContext *context, JSValueConst value, domws_bytes *bytes, bool *is_buffer);

/* Throws what a function of the library failed with; JS_EXCEPTION. */
JSValue convert_throw(JSContext *context, const domws_error *error);

#endif
