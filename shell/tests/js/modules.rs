//! Modules: an engine's own, and the program's.

use crate::folder::Folder;
use crate::{for_all_modules, js_with};

/// Runs main.mjs among other files, which prints these lines.
fn prints(files: &[(&str, &str)], lines: &[&str]) {
    let folder = Folder::new(files);
    for_all_modules(|engine| {
        let run = js_with(folder.path(), &[engine, &["main.mjs"]].concat(), "");
        assert_eq!(run.err, "");
        assert_eq!(run.out.lines().collect::<Vec<_>>(), lines);
        assert_eq!(run.status, Some(0));
    });
}

#[test]
fn bindings_are_live() {
    prints(
        &[
            (
                "main.mjs",
                "import { count, increment, object as renamed } from './counter.mjs';
                 import * as counter from './counter.mjs';
                 import twice, { 'not a name' as named } from './counter.mjs';
                 console.log(count, counter.count, renamed.count, named);
                 increment();
                 console.log(count, counter.count, twice(count));
                 const { a } = { a: count }, o = { count, increment };
                 console.log(a, o.count, `${count}`, typeof count, [count, ...[count]].length);
                 { const count = 'inner'; console.log(count, { count }.count); }
                 console.log(((count) => count)('parameter'));
                 try { count = 5 } catch (e) { console.log(e.name) }
                 try { counter.count = 5 } catch (e) { console.log(e.name) }",
            ),
            (
                "counter.mjs",
                "export let count = 0;
                 export function increment() { count += 1; }
                 export const object = { get count() { return count } };
                 export default (x) => x * 2;
                 const x = 'named'; export { x as 'not a name' };",
            ),
        ],
        &[
            "0 0 0 named",
            "1 1 2",
            "1 1 1 number 2",
            "inner inner",
            "parameter",
            "TypeError",
            "TypeError",
        ],
    );
}

#[test]
fn a_function_that_is_imported_is_called_as_one() {
    prints(
        &[
            (
                "main.mjs",
                "import { self, tag, Class, Class as Base } from './lib.mjs'
                 let x = 1
                 self() === undefined && console.log('no this')
                 tag`a${x}b`
                 self?.()?.x
                 if (x)
                   self()
                 else self()
                 console.log([1].map(() => self()).length, new Class(2).x, new (class extends Base {})(3).x)
                 const f = self
                 f()
                 for (const c of 'ab') tag`${c}`",
            ),
            (
                "lib.mjs",
                "export function self() { return this }
                 export const tag = (parts, value) => { console.log(parts.raw.length, value) };
                 export class Class { constructor(x) { this.x = x } }",
            ),
        ],
        &["no this", "2 1", "1 2 3", "2 a", "2 b"],
    );
}

#[test]
fn all_that_exports_can_be_written_works() {
    prints(
        &[
            (
                "main.mjs",
                "#!/usr/bin/env js
                 import f, { g } from './function.mjs'; import C from './class.mjs'; import v from './value.mjs';
                 import arrow from './arrow.mjs'; import named from './named.mjs';
                 console.log(f.name, g(), f(), C.name, new C().x, v, arrow.name, named.name);
                 import * as all from './all.mjs';
                 console.log(JSON.stringify(Object.keys(all)), all.a, all.b, all.renamed, all.inner.one, all.c);
                 console.log('both' in all, all[Symbol.toStringTag], Object.isExtensible(all), Reflect.ownKeys(all).length);
                 console.log(JSON.stringify(Object.getOwnPropertyDescriptor(all, 'a')), delete all.nothing);",
            ),
            ("function.mjs", "export const g = () => f2(); export default function () { return 'f' } const f2 = () => 'g';"),
            ("class.mjs", "export default class { x = 'x' }"),
            ("value.mjs", "export default 1 +\n 2"),
            ("arrow.mjs", "export default () => {}"),
            ("named.mjs", "export default function named() {}"),
            (
                "all.mjs",
                "export * from './one.mjs'; export * from './two.mjs'; export { one as renamed } from './one.mjs';
                 export * as inner from './one.mjs';
                 export const [a, { b = 2, ...rest }] = ['a', { x: 1 }]; import { two } from './two.mjs'; export { two as c };",
            ),
            ("one.mjs", "export const one = 1, both = 'one'; export default 'not by *'"),
            ("two.mjs", "export const two = 2, both = 'two';"),
        ],
        &[
            "default g f default x 3 default named",
            "[\"a\",\"b\",\"c\",\"inner\",\"one\",\"renamed\",\"rest\",\"two\"] a 2 1 1 2",
            "false Module false 9",
            "{\"value\":\"a\",\"writable\":true,\"enumerable\":true,\"configurable\":false} true",
        ],
    );
}

#[test]
fn cycles_run_in_order_and_once() {
    prints(
        &[
            (
                "main.mjs",
                "import { early, late } from './b.mjs';
                 export function hoisted() { return 'hoisted' }
                 export let value = 'value';
                 console.log('main', early, late());",
            ),
            (
                "b.mjs",
                "import { hoisted, value } from './main.mjs'; import './c.mjs';
                 export const early = hoisted();
                 export const late = () => value;
                 try { value } catch (e) { console.log('b', e.name) }",
            ),
            (
                "c.mjs",
                "import './b.mjs'; import './main.mjs'; console.log('c', this)",
            ),
        ],
        &["c undefined", "b ReferenceError", "main hoisted value"],
    );
}

#[test]
fn await_at_the_top_holds_back_those_who_import() {
    prints(
        &[
            (
                "main.mjs",
                "import { a } from './a.mjs'; import { b } from './b.mjs'; import './sync.mjs';
                 console.log('main', a, b);
                 for await (const x of [1, Promise.resolve(2)]) console.log(x);
                 console.log(await new Promise((resolve) => setTimeout(resolve, 5, 'timer')));",
            ),
            (
                "a.mjs",
                "console.log('a begins');
                 export const a = await new Promise((resolve) => setTimeout(resolve, 20, 'A'));
                 console.log('a ends');",
            ),
            (
                "b.mjs",
                "console.log('b begins'); export const b = await 'B'; console.log('b ends');",
            ),
            ("sync.mjs", "console.log('sync');"),
        ],
        &[
            "a begins", "b begins", "sync", "b ends", "a ends", "main A B", "1", "2", "timer",
        ],
    );
}

#[test]
fn imports_are_dynamic_too() {
    prints(
        &[
            (
                "main.mjs",
                "import * as still from './sub/x.mjs';
                 const x = await import('./sub/x.mjs');
                 console.log(x === still, x.default, x.here.replace(/.*[/]/, ''));
                 const name = './sub/y.mjs';
                 console.log((await import(name)).y);
                 for (const wrong of ['./gone.mjs', 'bare', './wrong.mjs', './throws.mjs', './throws.mjs']) {
                   await import(wrong).then(() => console.log('?'), (e) => console.log(e.name));
                 }
                 console.log(await import('./throws.mjs').catch((e) => e) === await import('./throws.mjs').catch((e) => e));
                 console.log((await import('./data.json', { with: { type: 'json' } })).default.list.length);
                 import('./data.json').catch((e) => console.log('data', e.name));",
            ),
            ("sub/x.mjs", "export default 'x'; export const here = import.meta.url; import './y.mjs'"),
            ("sub/y.mjs", "export const y = import.meta.url.startsWith('file:///') && import.meta.url.endsWith('/sub/y.mjs');"),
            ("wrong.mjs", "let ="),
            ("throws.mjs", "throw new RangeError('mine')"),
            ("data.json", "{\"list\": [1, 2, 3]}"),
        ],
        &["true x x.mjs", "true", "TypeError", "TypeError", "SyntaxError", "RangeError", "RangeError", "true", "3", "data TypeError"],
    );
}

#[test]
fn json_is_a_module() {
    prints(
        &[
            (
                "main.mjs",
                "import data from './data.json' with { type: 'json' };
                 import again, * as all from './data.json' with { type: 'json' };
                 console.log(data.a, data === again, all.default === data, JSON.stringify(data.__proto__));",
            ),
            ("data.json", "{\"a\": \"\u{2028}'`${b}\\\\\", \"__proto__\": 1}"),
        ],
        &["\u{2028}'`${b}\\ true true 1"],
    );
}

#[test]
fn code_and_standard_input_are_modules_of_the_working_directory() {
    let folder = Folder::new(&[
        ("x.mjs", "export const x = 'x'"),
        ("plain.js", "export const y = 'y'"),
    ]);
    for_all_modules(|engine| {
        let code = "import { x } from './x.mjs'; console.log(x, typeof this, import.meta.url.split('/').pop().length > 0)";
        let run = js_with(folder.path(), &[engine, &["-m", "-e", code]].concat(), "");
        assert_eq!((&*run.out, &*run.err), ("x undefined true\n", ""));
        let run = js_with(folder.path(), &[engine, &["--module", "-"]].concat(), code);
        assert_eq!((&*run.out, &*run.err), ("x undefined true\n", ""));
        let run = js_with(
            folder.path(),
            &[engine, &["--module", "plain.js"]].concat(),
            "",
        );
        assert_eq!((run.status, &*run.err), (Some(0), ""));
        // A script imports as well.
        let code = "import('./x.mjs').then(({ x }) => console.log(x))";
        let run = js_with(folder.path(), &[engine, &["-e", code]].concat(), "");
        assert_eq!((&*run.out, &*run.err), ("x\n", ""));
    });
}

#[test]
fn what_follows_waits_for_a_module() {
    let folder = Folder::new(&[(
        "a.mjs",
        "await new Promise((resolve) => setTimeout(resolve, 20)); globalThis.a = 'a'",
    )]);
    for_all_modules(|engine| {
        let run = js_with(
            folder.path(),
            &[engine, &["a.mjs", "-e", "console.log(a)"]].concat(),
            "",
        );
        assert_eq!((run.status, &*run.out), (Some(0), "a\n"));
    });
}
