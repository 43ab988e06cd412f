//! The command line.

use crate::folder::Folder;
use crate::{for_each_engine, js, js_with};
use dom_websocket_shell::Engine;
use std::net::{TcpListener, TcpStream};
use std::path::Path;

#[test]
fn help_and_version_are_told() {
    let help = js(&["--help"]);
    assert_eq!((help.status, &*help.err), (Some(0), ""));
    assert!(help.out.starts_with("Usage: js "), "{}", help.out);
    assert_eq!(js(&["-e", "1", "-h"]).out, help.out);
    let version = js(&["--version"]);
    assert_eq!(version.status, Some(0));
    assert!(version.out.starts_with("js 0."), "{}", version.out);
    for engine in Engine::all() {
        assert!(version.out.contains(engine.name()), "{}", version.out);
    }
    assert_eq!(js(&["-V"]).out, version.out);
}

#[test]
fn what_is_wrong_is_said_in_words_with_status_2() {
    for (arguments, words) in [
        (&["--nonsense"][..], "'--nonsense'"),
        (&["-x"], "'-x'"),
        (&["--engine"], "--engine"),
        (&["--engine", "spidermonkey"], "\"spidermonkey\""),
        (&["--edition", "html6"], "\"html6\""),
        (&["--base-url", "nowhere"], "\"nowhere\""),
        (&["--ca-file", "no.pem", "-e", "1"], "no.pem"),
        (&["--strict=yes"], "yes"),
        (&["missing.js"], "missing.js: No such file"),
        (
            &["-e", "console.log(1)", "missing.mjs"],
            "missing.mjs: No such file",
        ),
    ] {
        let run = js(arguments);
        assert_eq!((run.status, &*run.out), (Some(2), ""), "{arguments:?}");
        assert!(run.err.starts_with("js: "), "{}", run.err);
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn code_files_and_standard_input_run_in_order_in_one_realm() {
    let folder = Folder::new(&[
        ("b.js", "log('b')"),
        ("d.mjs", "log(this === undefined ? 'd' : 'this')"),
    ]);
    for_each_engine(|engine| {
        let code = [
            "-e",
            "function log(x) { console.log(x) } log('a')",
            "b.js",
            "-",
            "d.mjs",
            "-e",
            "log('e')",
        ];
        let run = js_with(folder.path(), &[engine, &code].concat(), "log('c')");
        assert_eq!(
            (run.status, &*run.out, &*run.err),
            (Some(0), "a\nb\nc\nd\ne\n", "")
        );
    });
}

#[test]
fn without_a_file_standard_input_is_run() {
    for_each_engine(|engine| {
        let run = js_with(Path::new("."), engine, "console.log(6 * 7)");
        assert_eq!((run.status, &*run.out), (Some(0), "42\n"));
        let module = [engine, &["--module"]].concat();
        let run = js_with(Path::new("."), &module, "console.log(await 6 * 7)");
        assert_eq!((run.status, &*run.out), (Some(0), "42\n"));
    });
}

#[test]
fn script_has_what_is_behind_two_dashes() {
    for_each_engine(|engine| {
        let code = ["-e", "console.log(JSON.stringify(scriptArgs))"];
        let run = js(&[engine, &code, &["--", "a", "--help", "-", "--", "é"]].concat());
        assert_eq!(run.out, "[\"a\",\"--help\",\"-\",\"--\",\"é\"]\n");
        assert_eq!(js(&[engine, &code].concat()).out, "[]\n");
    });
}

#[test]
fn a_run_goes_on_after_an_exception_unless_it_is_strict() {
    for_each_engine(|engine| {
        for (uncaught, said) in [
            (
                "setTimeout(() => { throw new Error('t') })",
                "Uncaught Error: t",
            ),
            (
                "Promise.reject(new Error('p'))",
                "Uncaught (in promise) Error: p",
            ),
            (
                "new WebSocket('ws://127.0.0.1:1/').onclose = () => { throw 'w' }",
                "Uncaught w",
            ),
            (
                "queueMicrotask(() => { throw new Error('m') })",
                "Uncaught Error: m",
            ),
        ] {
            // What the network has to say first takes its time.
            let delay = if uncaught.contains("ws:") { 2000 } else { 10 };
            let code = format!("{uncaught}; setTimeout(() => console.log('later'), {delay})");
            let run = js(&[engine, &["-e", &code]].concat());
            assert_eq!((run.status, &*run.out), (Some(0), "later\n"), "{code}");
            assert!(run.err.contains(said), "{}", run.err);
            let run = js(&[engine, &["--strict", "-e", &code]].concat());
            assert_eq!((run.status, &*run.out), (Some(1), ""), "{code}");
            assert!(run.err.contains(said), "{}", run.err);
        }
    });
}

#[test]
fn strict_is_about_what_nobody_handles() {
    for_each_engine(|engine| {
        for handled in [
            "onerror = () => true; setTimeout(() => { throw 1 })",
            "addEventListener('error', (e) => e.preventDefault()); setTimeout(() => { throw 1 })",
            "addEventListener('unhandledrejection', (e) => e.preventDefault()); Promise.reject(1)",
            "const p = Promise.reject(1); p.catch(() => {})",
            "console.error('Uncaught nothing')",
        ] {
            let run = js(&[
                engine,
                &[
                    "--strict",
                    "-e",
                    handled,
                    "-e",
                    "setTimeout(() => console.log('end'))",
                ],
            ]
            .concat());
            assert_eq!(
                (run.status, &*run.out),
                (Some(0), "end\n"),
                "{handled}: {}",
                run.err
            );
        }
        // What follows is not run.
        let run = js(&[
            engine,
            &["--strict", "-e", "throw 1", "-e", "console.log(2)"],
        ]
        .concat());
        assert_eq!((run.status, &*run.out), (Some(1), ""));
        let run = js(&[engine, &["-e", "throw 1", "-e", "console.log(2)"]].concat());
        assert_eq!((run.status, &*run.out), (Some(1), "2\n"));
    });
}

#[test]
fn a_failed_connection_says_its_cause_unless_that_is_hidden() {
    // A client's port: it is taken, and nobody listens there.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
    let address = client.local_addr().unwrap();
    // One that nobody holds is given up before it can fail.
    let code = format!("globalThis.socket = new WebSocket('ws://user:secret@{address}/?secret')");
    for_each_engine(|engine| {
        for edition in ["living", "html5"] {
            let arguments = [engine, &["--edition", edition, "-e", &code]].concat();
            let run = js(&arguments);
            assert_eq!((run.status, &*run.out), (Some(0), ""), "{}", run.err);
            assert_eq!(run.err.lines().count(), 1, "{}", run.err);
            let start = format!("WebSocket connection to ws://{address}/ failed: not connected: ");
            assert!(run.err.starts_with(&start), "{}", run.err);
            assert!(!run.err.contains("secret"), "{}", run.err);
            let run = js(&[&arguments, &["--hide-failures"][..]].concat());
            assert_eq!((run.status, &*run.err), (Some(0), ""));
        }
    });
}

#[test]
fn quit_has_the_status() {
    for_each_engine(|engine| {
        let run = js(&[engine, &["--strict", "-e", "setInterval(() => quit(7))"]].concat());
        assert_eq!(run.status, Some(7));
    });
}
