//! A module as a script, for an engine that has none.
//!
//! The script's value is a pair: what the module imports and exports, and a generator function of its text, whose first
//! step hands out what gets the exports' values, and whose second runs it. What is imported becomes a property, `a` to
//! `bindings.a`, so that it is as live as it has to be. Everything stays on its line.

use crate::edits::Edits;
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    ArrowFunctionExpression, AssignmentTargetPropertyIdentifier, AwaitExpression,
    BindingIdentifier, CallExpression, ExportAllDeclaration, ExportDefaultDeclaration,
    ExportDefaultDeclarationKind, ExportNamedDeclaration, Expression, ForOfStatement, Function,
    IdentifierReference, ImportDeclaration, ImportDeclarationSpecifier, ImportExpression,
    MetaProperty, ModuleExportName, ObjectProperty, Program, Statement, StringLiteral,
    TaggedTemplateExpression, VariableDeclaration, WithClause,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_semantic::{Scoping, SemanticBuilder};
use oxc_span::{GetSpan, SourceType, Span};
use oxc_syntax::scope::ScopeFlags;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// What the engine is to run for a module.
#[derive(Debug)]
pub(crate) struct Transformed {
    pub(crate) script: String,
    /// What it imports, in order, each with its attribute `type`.
    pub(crate) requests: Vec<(String, Option<String>)>,
}

/// A text that is no module.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidModule {
    pub(crate) message: String,
    /// Counted from one.
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// `key` is what the linker knows the module by.
pub(crate) fn transform_module(
    key: &str,
    url: &str,
    source: &str,
) -> Result<Transformed, InvalidModule> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::mjs()).parse();
    let checked = SemanticBuilder::new()
        .with_check_syntax_error(true)
        .build(&parsed.program);
    if let Some(error) = parsed.errors.first().or(checked.errors.first()) {
        let mut labels = error.labels.iter().flatten();
        let at = labels.next().map_or(0, |label| label.offset());
        return Err(invalid(source, at, error.message.to_string()));
    }
    let mut transform = Transform::new(source, checked.semantic.scoping());
    transform.visit_program(&parsed.program);
    Ok(transform.finish(key, url, &parsed.program))
}

/// A script in which `import()` asks the linker. It is left as it is if it has none, or is wrong.
pub(crate) fn transform_script(name: &str, source: &str) -> Option<String> {
    if !source.contains("import") {
        return None;
    }
    let allocator = Allocator::default();
    let source_type = SourceType::mjs().with_script(true);
    let parsed = Parser::new(&allocator, source, source_type).parse();
    if !parsed.errors.is_empty() {
        return None;
    }
    let mut imports = DynamicImports {
        name,
        edits: Edits::default(),
    };
    imports.visit_program(&parsed.program);
    Some(imports.edits.apply(source))
}

/// What script calls of the linker's.
pub(crate) const LINKER: &str = "globalThis[Symbol.for(\"dom-websocket-shell\")]";

fn invalid(source: &str, at: usize, message: String) -> InvalidModule {
    let before = source.get(..at).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    InvalidModule {
        message,
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

struct Transform<'s> {
    source: &'s str,
    scoping: &'s Scoping,
    /// Names that the source has not.
    module: String,
    bindings: String,
    default: String,
    edits: Edits,
    requests: Vec<(String, Option<String>)>,
    /// `[local, request, name]`
    imported: Vec<Value>,
    /// `[name, request, imported name]`
    indirect: Vec<Value>,
    stars: Vec<usize>,
    /// Names of exports with those of their bindings.
    exported: Vec<(String, String)>,
    /// What is exported by default is a function without a name.
    is_nameless: bool,
    is_async: bool,
    functions: usize,
    /// Where statements that are expressions begin, in lists of them.
    starts: HashSet<u32>,
}

impl<'s> Transform<'s> {
    fn new(source: &'s str, scoping: &'s Scoping) -> Self {
        let unused = |name: &str| {
            let mut name = format!("${name}");
            while source.contains(&name) {
                name.push('$');
            }
            name
        };
        Self {
            source,
            scoping,
            module: unused("module"),
            bindings: unused("imported"),
            default: unused("default"),
            edits: Edits::default(),
            requests: Vec::new(),
            imported: Vec::new(),
            indirect: Vec::new(),
            stars: Vec::new(),
            exported: Vec::new(),
            is_nameless: false,
            is_async: false,
            functions: 0,
            starts: HashSet::new(),
        }
    }

    fn finish(mut self, key: &str, url: &str, program: &Program<'_>) -> Transformed {
        if let Some(hashbang) = &program.hashbang {
            self.edits.replace(hashbang.span, "");
        }
        self.resolve_exports_of_imports();
        let description = json!({
            "key": key,
            "url": url,
            "imported": self.imported,
            "indirect": self.indirect,
            "stars": self.stars,
            "isAsync": self.is_async,
        });
        let getters = self.exported.iter();
        let getters: Vec<_> = getters
            .map(|(name, local)| format!("[{}]: () => {local}", json!(name)))
            .collect();
        let is_named = !self.is_nameless;
        let head = if self.is_async {
            "async function*"
        } else {
            "function*"
        };
        let body = self.edits.apply(self.source);
        let getters = getters.join(", ");
        let Self {
            module,
            bindings,
            requests,
            ..
        } = self;
        Transformed {
            script: format!(
                "[{description}, {head} ({module}, {bindings}) {{ \"use strict\"; {module}.exports({{ {getters} }}, {is_named}); yield; {body}\n}}]"
            ),
            requests,
        }
    }

    /// `import { a } from "x"; export { a as b }` exports what x does.
    fn resolve_exports_of_imports(&mut self) {
        let imported: HashMap<_, _> = self
            .imported
            .iter()
            .filter_map(|entry| Some((entry[0].as_str()?.to_owned(), entry.clone())))
            .collect();
        let (indirect, exported) = (&mut self.indirect, &mut self.exported);
        exported.retain(|(name, local)| match imported.get(local) {
            Some(entry) => {
                indirect.push(json!([name, entry[1], entry[2]]));
                false
            }
            None => true,
        });
    }

    fn request(&mut self, source: &StringLiteral<'_>, with: Option<&WithClause<'_>>) -> usize {
        let attributes = with.into_iter().flat_map(|with| &with.with_entries);
        let module_type = attributes
            .filter(|attribute| attribute.key.as_atom() == "type")
            .map(|attribute| attribute.value.value.to_string())
            .next();
        let request = (source.value.to_string(), module_type);
        let known = self.requests.iter().position(|other| *other == request);
        known.unwrap_or_else(|| {
            self.requests.push(request);
            self.requests.len() - 1
        })
    }

    /// Whether an identifier means something imported.
    fn is_imported(&self, id: &IdentifierReference<'_>) -> bool {
        let reference = id
            .reference_id
            .get()
            .map(|id| self.scoping.get_reference(id));
        let symbol = reference.and_then(|reference| reference.symbol_id());
        symbol.is_some_and(|symbol| self.scoping.symbol_flags(symbol).is_import())
    }

    fn imported_callee(&self, callee: &Expression<'_>) -> Option<(Span, String)> {
        match callee {
            Expression::Identifier(id) if self.is_imported(id) => {
                Some((id.span, format!("{}.{}", self.bindings, id.name)))
            }
            _ => None,
        }
    }

    /// A function that is imported is called without a `this`.
    fn call(&mut self, callee: &Expression<'_>) -> bool {
        let Some((span, property)) = self.imported_callee(callee) else {
            return false;
        };
        // It would go on with a statement before that has no semicolon.
        let end = if self.starts.contains(&span.start) {
            ";"
        } else {
            ""
        };
        self.edits.replace(span, format!("{end}(0, {property})"));
        true
    }

    fn export_binding(&mut self, id: &BindingIdentifier<'_>) {
        let name = id.name.to_string();
        self.exported.push((name.clone(), name));
    }
}

/// The names that a declaration binds.
struct Bound<'t, 's>(&'t mut Transform<'s>);

impl<'a> Visit<'a> for Bound<'_, '_> {
    fn visit_binding_identifier(&mut self, id: &BindingIdentifier<'a>) {
        self.0.export_binding(id);
    }

    /// What an expression binds is its own.
    fn visit_expression(&mut self, _: &Expression<'a>) {}
}

impl<'a> Visit<'a> for Transform<'_> {
    fn visit_statements(&mut self, statements: &oxc_allocator::Vec<'a, Statement<'a>>) {
        for statement in statements {
            if let Statement::ExpressionStatement(statement) = statement {
                self.starts.insert(statement.span.start);
            }
        }
        walk::walk_statements(self, statements);
    }

    fn visit_import_declaration(&mut self, import: &ImportDeclaration<'a>) {
        let request = self.request(&import.source, import.with_clause.as_deref());
        for specifier in import.specifiers.iter().flatten() {
            let (local, name) = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(specifier) => {
                    (&specifier.local, json!(specifier.imported.name().as_str()))
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(specifier) => {
                    (&specifier.local, json!("default"))
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(specifier) => {
                    (&specifier.local, Value::Null)
                }
            };
            self.imported
                .push(json!([local.name.as_str(), request, name]));
        }
        self.edits.replace(import.span, ";");
    }

    fn visit_export_named_declaration(&mut self, export: &ExportNamedDeclaration<'a>) {
        if let Some(declaration) = &export.declaration {
            match declaration {
                oxc_ast::ast::Declaration::FunctionDeclaration(function) => {
                    function.id.iter().for_each(|id| self.export_binding(id));
                }
                oxc_ast::ast::Declaration::ClassDeclaration(class) => {
                    class.id.iter().for_each(|id| self.export_binding(id));
                }
                declaration => Bound(self).visit_declaration(declaration),
            }
            let keyword = Span::new(export.span.start, declaration.span().start);
            self.edits.replace(keyword, "");
            self.visit_declaration(declaration);
            return;
        }
        let request = export
            .source
            .as_ref()
            .map(|source| self.request(source, export.with_clause.as_deref()));
        for specifier in &export.specifiers {
            let (local, name) = (specifier.local.name(), specifier.exported.name());
            match request {
                Some(request) => {
                    self.indirect
                        .push(json!([name.as_str(), request, local.as_str()]));
                }
                None => self.exported.push((name.to_string(), local.to_string())),
            }
        }
        self.edits.replace(export.span, ";");
    }

    fn visit_export_default_declaration(&mut self, export: &ExportDefaultDeclaration<'a>) {
        let value = export.declaration.span();
        let keywords = Span::new(export.span.start, value.start);
        let name = match &export.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => match &function.id {
                Some(id) => {
                    self.edits.replace(keywords, "");
                    id.name.to_string()
                }
                None => {
                    self.edits.replace(keywords, "");
                    let name = format!(" {}", self.default);
                    self.edits.insert(function.params.span.start, name);
                    self.is_nameless = true;
                    self.default.clone()
                }
            },
            ExportDefaultDeclarationKind::ClassDeclaration(class) if class.id.is_some() => {
                self.edits.replace(keywords, "");
                class
                    .id
                    .as_ref()
                    .map_or_else(String::new, |id| id.name.to_string())
            }
            _ => {
                // A property gives a function or a class without a name that of its own.
                let start = format!("const {} = {{ default: ", self.default);
                self.edits.replace(keywords, start);
                self.edits.insert(value.end, " }.default;");
                self.default.clone()
            }
        };
        self.exported.push(("default".into(), name));
        walk::walk_export_default_declaration(self, export);
    }

    fn visit_export_all_declaration(&mut self, export: &ExportAllDeclaration<'a>) {
        let request = self.request(&export.source, export.with_clause.as_deref());
        match &export.exported {
            Some(name) => {
                let name = ModuleExportName::name(name);
                self.indirect.push(json!([name.as_str(), request, null]));
            }
            None => self.stars.push(request),
        }
        self.edits.replace(export.span, ";");
    }

    fn visit_identifier_reference(&mut self, id: &IdentifierReference<'a>) {
        if self.is_imported(id) {
            let property = format!("{}.{}", self.bindings, id.name);
            self.edits.replace(id.span, property);
        }
    }

    fn visit_object_property(&mut self, property: &ObjectProperty<'a>) {
        match &property.value {
            Expression::Identifier(id) if property.shorthand => {
                if self.is_imported(id) {
                    let text = format!("{}: {}.{}", id.name, self.bindings, id.name);
                    self.edits.replace(id.span, text);
                }
            }
            _ => walk::walk_object_property(self, property),
        }
    }

    fn visit_assignment_target_property_identifier(
        &mut self,
        target: &AssignmentTargetPropertyIdentifier<'a>,
    ) {
        let id = &target.binding;
        if self.is_imported(id) {
            let text = format!("{}: {}.{}", id.name, self.bindings, id.name);
            self.edits.replace(id.span, text);
        }
        if let Some(init) = &target.init {
            self.visit_expression(init);
        }
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if self.call(&call.callee) {
            self.visit_arguments(&call.arguments);
        } else {
            walk::walk_call_expression(self, call);
        }
    }

    fn visit_tagged_template_expression(&mut self, template: &TaggedTemplateExpression<'a>) {
        if self.call(&template.tag) {
            self.visit_template_literal(&template.quasi);
        } else {
            walk::walk_tagged_template_expression(self, template);
        }
    }

    fn visit_meta_property(&mut self, property: &MetaProperty<'a>) {
        if property.meta.name == "import" {
            self.edits
                .replace(property.span, format!("{}.meta", self.module));
        }
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        let keyword = keyword(import);
        self.edits
            .replace(keyword, format!("{}.import", self.module));
        walk::walk_import_expression(self, import);
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        self.functions += 1;
        walk::walk_function(self, function, flags);
        self.functions -= 1;
    }

    fn visit_arrow_function_expression(&mut self, function: &ArrowFunctionExpression<'a>) {
        self.functions += 1;
        match function.body.statements.first() {
            // Its body is no statement, whatever the parser calls it.
            Some(Statement::ExpressionStatement(body)) if function.expression => {
                self.visit_formal_parameters(&function.params);
                self.visit_expression(&body.expression);
            }
            _ => walk::walk_arrow_function_expression(self, function),
        }
        self.functions -= 1;
    }

    fn visit_await_expression(&mut self, expression: &AwaitExpression<'a>) {
        self.is_async |= self.functions == 0;
        walk::walk_await_expression(self, expression);
    }

    fn visit_for_of_statement(&mut self, statement: &ForOfStatement<'a>) {
        self.is_async |= statement.r#await && self.functions == 0;
        walk::walk_for_of_statement(self, statement);
    }

    fn visit_variable_declaration(&mut self, declaration: &VariableDeclaration<'a>) {
        self.is_async |= declaration.kind.is_await() && self.functions == 0;
        walk::walk_variable_declaration(self, declaration);
    }
}

fn keyword(import: &ImportExpression<'_>) -> Span {
    let start = import.span.start;
    Span::new(start, start + "import".len() as u32)
}

struct DynamicImports<'s> {
    name: &'s str,
    edits: Edits,
}

impl<'a> Visit<'a> for DynamicImports<'_> {
    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        self.edits
            .replace(keyword(import), format!("{LINKER}.import"));
        let name = format!("{}, ", json!(self.name));
        self.edits.insert(import.source.span().start, name);
        walk::walk_import_expression(self, import);
    }
}
