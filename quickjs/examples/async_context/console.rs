//! `console`, as little of it as does.

use crate::uncaught::Printer;
use rquickjs::function::{Func, Rest};
use rquickjs::{Coerced, Ctx, Object, Result};

pub(crate) fn init(ctx: &Ctx<'_>, output: Printer, errors: Printer) -> Result<()> {
    let console = Object::new(ctx.clone())?;
    for (name, print) in [
        ("log", &output),
        ("info", &output),
        ("warn", &errors),
        ("error", &errors),
    ] {
        let print = print.clone();
        let write = move |words: Rest<Coerced<String>>| {
            let words: Vec<String> = words.0.into_iter().map(|word| word.0).collect();
            print(&words.join(" "));
        };
        console.set(name, Func::from(write))?;
    }
    ctx.globals().set("console", console)
}
