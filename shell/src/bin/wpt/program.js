// What stands for the runner in another program: `shell` is shell.js, `answers` is what the runner knows of the test.
(function (shell, answers) {
  "use strict";
  const { kind, title, files, mark, bound } = answers;
  const page = shell((name, parameter) => {
    if (name === "kind") return kind;
    if (name === "title") return title ?? undefined;
    if (name === "file") return files[parameter];
    if (name === "result") {
      console.log(mark + parameter);
      quit();
    }
  });
  setTimeout(page.timeOut, bound);

  // Just enough to tell a test's variant.
  globalThis.URLSearchParams ??= class URLSearchParams {
    #pairs;
    constructor(query) {
      const pairs = query.replace("?", "").split("&").map((pair) => pair.split("="));
      this.#pairs = pairs.map(([name, value = ""]) => [name, value]);
    }
    get(name) {
      return this.getAll(name)[0] ?? null;
    }
    getAll(name) {
      return this.#pairs.filter(([key]) => key === name).map(([, value]) => value);
    }
  };
  return page;
})
