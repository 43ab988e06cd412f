/* `console`, as text: log, info and debug to standard output, warn and error to standard error. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "page.h"

/* Puts it on the global object. False with an exception pending. */
bool console_define(struct page *page);

#endif
