//! What is written about exceptions, and what no script may do to the program.

use crate::folder::Folder;
use crate::{for_all_modules, for_each_engine, js, js_with};

#[test]
fn an_exception_says_file_line_and_functions() {
    let folder = Folder::new(&[
        (
            "lib/deep.js",
            "function deep() {\n  throw new RangeError('too far');\n}\n",
        ),
        ("main.js", "\nfunction outer() { deep(); }\nouter();\n"),
    ]);
    for_each_engine(|engine| {
        let run = js_with(
            folder.path(),
            &[engine, &["lib/deep.js", "main.js"]].concat(),
            "",
        );
        assert_eq!(run.status, Some(1));
        let lines: Vec<_> = run.err.lines().collect();
        assert_eq!(lines[0], "Uncaught RangeError: too far", "{}", run.err);
        for (line, parts) in [
            (1, ["deep", "lib/deep.js:2"]),
            (2, ["outer", "main.js:2"]),
            (3, ["", "main.js:3"]),
        ] {
            let is_there = parts.iter().all(|part| lines[line].contains(part));
            assert!(is_there, "{}", run.err);
        }
    });
}

#[test]
fn a_syntax_error_says_file_and_line() {
    let folder = Folder::new(&[
        ("wrong.js", "let a = 1;\nlet b = ;\n"),
        ("wrong.mjs", "\n\nlet b = ;\n"),
    ]);
    for_each_engine(|engine| {
        for (arguments, place) in [
            (&["wrong.js"][..], "wrong.js:2"),
            (&["-e", "let b = ;"], "[eval]:1"),
            (&["-"], "[stdin]:2"),
        ] {
            let run = js_with(folder.path(), &[engine, arguments].concat(), "\nlet b = ;");
            assert_eq!((run.status, &*run.out), (Some(1), ""));
            assert!(run.err.starts_with("Uncaught SyntaxError: "), "{}", run.err);
            assert!(run.err.contains(place), "{}", run.err);
        }
    });
    for_all_modules(|engine| {
        for arguments in [&["wrong.mjs"][..], &["-m", "-e", "import './wrong.mjs'"]] {
            let run = js_with(folder.path(), &[engine, arguments].concat(), "");
            assert_eq!((run.status, &*run.out), (Some(1), ""));
            assert!(run.err.starts_with("Uncaught SyntaxError: "), "{}", run.err);
            assert!(run.err.contains("/wrong.mjs:3"), "{}", run.err);
        }
    });
}

#[test]
fn an_exception_of_a_module_says_file_line_and_functions() {
    let folder = Folder::new(&[
        (
            "deep.mjs",
            "export function deep() {\n  throw new RangeError('too far');\n}\n",
        ),
        (
            "main.mjs",
            "import { deep } from './deep.mjs';\n// Lines stay what they are.\nimport {\n  deep as other,\n} from './deep.mjs';\ndeep();\n",
        ),
        ("late.mjs", "await 1;\n\nawait import('./main.mjs');\n"),
    ]);
    for_all_modules(|engine| {
        for file in ["main.mjs", "late.mjs"] {
            let run = js_with(folder.path(), &[engine, &[file]].concat(), "");
            assert_eq!(run.status, Some(1));
            let lines: Vec<_> = run.err.lines().collect();
            assert_eq!(lines[0], "Uncaught RangeError: too far", "{}", run.err);
            assert!(
                lines[1].contains("/deep.mjs:2") && lines[1].contains("deep"),
                "{}",
                run.err
            );
            assert!(lines[2].contains("/main.mjs:6"), "{}", run.err);
        }
    });
}

#[test]
fn a_module_that_is_missing_is_said_with_who_imports_it() {
    let folder = Folder::new(&[
        ("a.mjs", "import './b.mjs'"),
        ("b.mjs", "import './gone/c.mjs'"),
        ("bare.mjs", "import 'ws'"),
        ("web.mjs", "import 'https://example.com/x.mjs'"),
        ("name.mjs", "import { nothing } from './empty.mjs'"),
        ("empty.mjs", ""),
        ("json.mjs", "import data from './data.json'"),
        ("data.json", "{}"),
        (
            "bad.mjs",
            "import data from './bad.json' with { type: 'json' }",
        ),
        ("bad.json", "{"),
        (
            "type.mjs",
            "import data from './empty.mjs' with { type: 'css' }",
        ),
        ("folder.mjs", "import './folder'"),
        ("folder/x.mjs", ""),
    ]);
    for_all_modules(|engine| {
        for (file, error, words) in [
            (
                "a.mjs",
                "TypeError",
                &["\"./gone/c.mjs\"", "/b.mjs", "/gone/c.mjs"][..],
            ),
            ("bare.mjs", "TypeError", &["\"ws\"", "/bare.mjs"]),
            (
                "web.mjs",
                "TypeError",
                &["https://example.com/x.mjs", "/web.mjs"],
            ),
            ("name.mjs", "SyntaxError", &["nothing"]),
            ("json.mjs", "TypeError", &["/data.json"]),
            ("bad.mjs", "SyntaxError", &["/bad.json"]),
            ("type.mjs", "TypeError", &["\"css\""]),
            ("folder.mjs", "TypeError", &["\"./folder\"", "/folder.mjs"]),
        ] {
            let run = js_with(folder.path(), &[engine, &[file]].concat(), "");
            assert_eq!((run.status, &*run.out), (Some(1), ""), "{file}");
            assert!(
                run.err.starts_with(&format!("Uncaught {error}: ")),
                "{}",
                run.err
            );
            for word in words {
                assert!(run.err.contains(word), "{file}: {word}: {}", run.err);
            }
        }
    });
}

#[test]
fn a_module_that_awaits_for_ever_fails() {
    for_all_modules(|engine| {
        let run = js(&[engine, &["-m", "-e", "await new Promise(() => {})"]].concat());
        assert_eq!((run.status, &*run.out), (Some(1), ""));
        assert!(run.err.contains("awaits what never comes"), "{}", run.err);
    });
}

#[test]
fn no_script_ends_the_program_by_a_signal() {
    for_each_engine(|engine| {
        for script in [
            "function f() { return 1 + f() } f()",
            "[1].map(function g() { return [1].map(g) })",
            "const o = { get x() { return this.x } }; o.x",
            "class A { toString() { return `${this}` } } String(new A)",
            "eval('('.repeat(1e5))",
            "eval('`${'.repeat(1e5))",
            "new Function('a = [', '['.repeat(1e5))",
            "JSON.parse('['.repeat(1e5))",
            "let a = []; for (let i = 0; i < 2e4; i++) a = [a]; JSON.stringify(a)",
            "let p = {}; for (let i = 0; i < 2e4; i++) p = new Proxy(p, {}); p.x",
            "new RegExp('('.repeat(1e5) + ')'.repeat(1e5))",
            "quit(NaN)",
            "setTimeout(() => { throw null })",
            "throw Object.create(null)",
            "throw new Proxy({}, { get() { throw 1 } })",
            "Promise.reject(new Proxy(Error, {}))",
        ] {
            let run = js(&[engine, &["-e", script]].concat());
            assert!(
                run.status.is_some_and(|status| status < 2),
                "{script}: {run:?}"
            );
        }
    });
}
