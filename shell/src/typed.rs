//! What somebody types at a prompt: whether it goes on, and what script is to be run for it.

use crate::edits::Edits;
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    BindingIdentifier, Declaration, Expression, ImportDeclaration, ImportDeclarationSpecifier,
    Program, Statement, VariableDeclaration,
};
use oxc_ast_visit::Visit;
use oxc_parser::{Parser, ParserReturn};
use oxc_span::{GetSpan, SourceType, Span};

/// What is to be done about a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// It is a beginning, and the rest is still to come.
    Unfinished,
    /// A script, whose value is the answer. It may be wrong, which the engine has to say.
    Script(String),
    /// A script, whose value is a promise of the answer: the text awaits something, or imports.
    Promise(String),
}

impl Typed {
    /// Looks at a text.
    pub fn of(text: &str) -> Self {
        // An object, rather than a block with labels.
        if text.trim_start().starts_with('{') {
            let object = format!("({text})");
            if is_expression(&object) {
                return Self::Script(object);
            }
        }
        let allocator = Allocator::default();
        let script = Parser::new(&allocator, text, SourceType::mjs().with_script(true)).parse();
        if script.errors.is_empty() && !script.module_record.has_module_syntax {
            return Self::Script(text.to_owned());
        }
        let module = Parser::new(&allocator, text, SourceType::mjs()).parse();
        if module.errors.is_empty() {
            return match in_promise(&module.program, text) {
                Some(script) => Self::Promise(script),
                None => Self::Script(text.to_owned()),
            };
        }
        if is_unfinished(&script, text) || is_unfinished(&module, text) {
            Self::Unfinished
        } else {
            Self::Script(text.to_owned())
        }
    }
}

fn is_expression(text: &str) -> bool {
    let allocator = Allocator::default();
    let source_type = SourceType::mjs().with_script(true);
    Parser::new(&allocator, text, source_type)
        .parse_expression()
        .is_ok()
}

/// Whether the first thing that is wrong is that it ends.
fn is_unfinished(parsed: &ParserReturn<'_>, text: &str) -> bool {
    let Some(error) = parsed.errors.first() else {
        return false;
    };
    let end = text.trim_end().len();
    error.labels.iter().flatten().any(|label| {
        let rest = text.get(label.offset()..).unwrap_or_default();
        match &*error.message {
            // Of a string it says the same, which ends with its line.
            "Unterminated string" => rest.starts_with(['`', '}']),
            "Unterminated regular expression" => false,
            "Unterminated multiline comment" => true,
            _ => label.offset() >= end,
        }
    })
}

/// An async function that does what the text says, called. What is declared becomes the global object's: `var`, so
/// that it can be typed again. None if it exports.
fn in_promise(program: &Program<'_>, text: &str) -> Option<String> {
    let mut hoisted = Hoisted::default();
    for (i, statement) in program.body.iter().enumerate() {
        let is_last = i + 1 == program.body.len();
        hoisted.take(statement, text, is_last)?;
    }
    let Hoisted {
        names,
        functions,
        edits,
    } = hoisted;
    let variables = match names.is_empty() {
        true => String::new(),
        false => format!("var {}; ", names.join(", ")),
    };
    let functions: String = functions
        .iter()
        .map(|name| format!("globalThis.{name} = {name}; "))
        .collect();
    let body = edits.apply(text);
    Some(format!(
        "{variables}(async () => {{ {functions}{body}\n}})()"
    ))
}

#[derive(Default)]
struct Hoisted {
    names: Vec<String>,
    functions: Vec<String>,
    edits: Edits,
}

impl Hoisted {
    fn take(&mut self, statement: &Statement<'_>, text: &str, is_last: bool) -> Option<()> {
        match statement {
            Statement::ImportDeclaration(import) => {
                self.edits.replace(import.span, self.import(import, text));
                self.visit_import_declaration(import);
            }
            Statement::ExpressionStatement(statement) if is_last => {
                self.edits.insert(statement.span.start, "return (");
                self.edits.insert(statement.expression.span().end, ")");
            }
            declaration if declaration.is_module_declaration() => return None,
            Statement::VariableDeclaration(_)
            | Statement::FunctionDeclaration(_)
            | Statement::ClassDeclaration(_) => self.declare(statement.to_declaration()),
            _ => {}
        }
        Some(())
    }

    fn declare(&mut self, declaration: &Declaration<'_>) {
        match declaration {
            Declaration::FunctionDeclaration(function) => {
                self.functions
                    .extend(function.id.iter().map(|id| id.name.to_string()));
            }
            Declaration::ClassDeclaration(class) => {
                if let Some(id) = &class.id {
                    self.names.push(id.name.to_string());
                    self.edits
                        .insert(class.span.start, format!("{} = ", id.name));
                    self.edits.insert(class.span.end, ";");
                }
            }
            // `using` ends with the block that it is in.
            Declaration::VariableDeclaration(declaration) if !declaration.kind.is_using() => {
                self.assign(declaration);
            }
            _ => {}
        }
    }

    /// `const a = 1, {b} = c` to `void (a = 1, {b} = c)`.
    fn assign(&mut self, declaration: &VariableDeclaration<'_>) {
        let (Some(first), Some(last)) = (
            declaration.declarations.first(),
            declaration.declarations.last(),
        ) else {
            return;
        };
        let keyword = Span::new(declaration.span.start, first.span.start);
        self.edits.replace(keyword, "void (");
        for declarator in &declaration.declarations {
            self.visit_binding_pattern(&declarator.id);
            if declarator.init.is_none() && !declaration.kind.is_var() {
                self.edits.insert(declarator.span.end, " = undefined");
            }
        }
        self.edits.insert(last.span.end, ")");
    }

    fn import(&self, import: &ImportDeclaration<'_>, text: &str) -> String {
        let part = |span: Span| &text[span.start as usize..span.end as usize];
        let mut from = format!("await import({}", part(import.source.span));
        if let Some(attributes) = &import.with_clause {
            let entries = attributes.with_entries.iter();
            let entries: Vec<_> = entries.map(|entry| part(entry.span)).collect();
            from.push_str(&format!(", {{ with: {{ {} }} }}", entries.join(", ")));
        }
        from.push(')');
        let mut namespaces = String::new();
        let mut members = Vec::new();
        for specifier in import.specifiers.iter().flatten() {
            match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(specifier) => {
                    let imported = part(specifier.imported.span());
                    members.push(format!("{imported}: {}", specifier.local.name));
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(specifier) => {
                    members.push(format!("default: {}", specifier.local.name));
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(specifier) => {
                    namespaces = format!("{} = ", specifier.local.name);
                }
            }
        }
        match members.is_empty() {
            true => format!("void ({namespaces}{from});"),
            false => format!("void ({{ {} }} = {namespaces}{from});", members.join(", ")),
        }
    }
}

impl<'a> Visit<'a> for Hoisted {
    fn visit_binding_identifier(&mut self, id: &BindingIdentifier<'a>) {
        self.names.push(id.name.to_string());
    }

    /// What an expression binds is its own.
    fn visit_expression(&mut self, _: &Expression<'a>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_begun_goes_on() {
        for text in [
            "function f() {",
            "foo(",
            "foo(1,",
            "if (x)",
            "1 +",
            "`a",
            "`a${",
            "/* a",
            "[1,\n2,",
            "({ a: 1,",
            "{ let a = 1;",
            "x = {",
            "class A { #x = 1;",
            "async () => {",
            "for (const x of y) {",
            "await f(",
            "import { a } from",
            "do { } ",
            "a ?",
            "() =>",
            "const x =",
            "try { }",
            "switch (a) { case 1:",
            "if (x) { } else",
        ] {
            assert_eq!(Typed::of(text), Typed::Unfinished, "{text}");
        }
    }

    #[test]
    fn what_is_whole_is_run_even_if_it_is_wrong() {
        for text in [
            "",
            "// a",
            "1 + 1",
            "let x = 1",
            "x",
            "f()",
            "with (a) b",
            "var await = 1",
            "}",
            "1 +* 2",
            "'a",
            "/a",
            "export default 1",
            "function f() { return 1 }",
            "let a b",
            ")",
            "a => { }",
            "import('x')",
        ] {
            assert_eq!(Typed::of(text), Typed::Script(text.into()), "{text}");
        }
        assert_eq!(
            Typed::of("{ a: 1, b: 2 }"),
            Typed::Script("({ a: 1, b: 2 })".into())
        );
        assert_eq!(Typed::of("{}"), Typed::Script("({})".into()));
        assert_eq!(Typed::of("{ f(); }"), Typed::Script("{ f(); }".into()));
    }

    #[test]
    fn what_awaits_is_an_async_functions() {
        for (text, script) in [
            ("await 1", "(async () => { return (await 1)\n})()"),
            (
                "await a; // b",
                "(async () => { return (await a); // b\n})()",
            ),
            (
                "const { a, b: [c = 1] } = await f(),\n  d = 2; let e",
                "var a, c, d, e; (async () => { void ({ a, b: [c = 1] } = await f(),\n  d = 2); void (e = undefined)\n})()",
            ),
            (
                "class A {} await 0; function f() { }",
                "var A; (async () => { globalThis.f = f; A = class A {}; await 0; function f() { }\n})()",
            ),
            (
                "import a, { b, default as c, 'd e' as f } from './x.mjs'",
                "var a, b, c, f; (async () => { void ({ default: a, b: b, default: c, 'd e': f } = await import('./x.mjs'));\n})()",
            ),
            (
                "import * as n from './x.json' with { type: 'json' }; n",
                "var n; (async () => { void (n = await import('./x.json', { with: { type: 'json' } })); return (n)\n})()",
            ),
            (
                "import './x.mjs'",
                "(async () => { void (await import('./x.mjs'));\n})()",
            ),
        ] {
            assert_eq!(Typed::of(text), Typed::Promise(script.into()), "{text}");
        }
    }
}
