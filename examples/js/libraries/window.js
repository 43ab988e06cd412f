// For libraries that know a page's global object by this name alone. Imported before them.
globalThis.window = globalThis;
