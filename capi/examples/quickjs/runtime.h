/* What the pages of one JSRuntime have in common, which is there as long as that. */
#ifndef RUNTIME_H
#define RUNTIME_H

#include <quickjs.h>

struct runtime {
    struct runtime *next;
    JSRuntime *engine;
    JSClassID event_class, target_class, blob_class; /* An engine has no end of them, but never takes one back. */
    struct page *page;                               /* The one that there is, or NULL. */
};

/* That of an engine. NULL where memory is short. */
struct runtime *runtime_of(JSRuntime *engine);

#endif
