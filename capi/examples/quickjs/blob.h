/* `Blob` (File API section 3), in memory, as far as messages need it. A runtime that has one of its own puts it behind
 * these three. */
#ifndef BLOB_H
#define BLOB_H

#include "page.h"

/* Defines the interface. False with an exception pending. */
bool blob_define(struct page *page);

/* A blob with a copy of these bytes. */
JSValue blob_new(struct page *page, domws_bytes bytes);

/* Whether a value is a blob, and its bytes, which live as long as that. */
bool blob_bytes(const struct page *page, JSValueConst value, domws_bytes *bytes);

#endif
