//! Sizes of files and functions: small is what makes code readable, so there is a size from which
//! on it is named and one from which on it fails.

use proc_macro2::Span;
use syn::visit::{self, Visit};

use super::repository::File;
use super::{Findings, Repository, is_cfg_test};
use crate::Outcome;

/// What is measured, and from which value on it is a note or an error.
struct Limit {
    what: &'static str,
    noted: usize,
    refused: usize,
}

const FILE: Limit = Limit {
    what: "lines without inline tests",
    noted: 500,
    refused: 800,
};
const FUNCTION: Limit = Limit {
    what: "lines",
    noted: 60,
    refused: 100,
};
const PARAMETERS: Limit = Limit {
    what: "parameters",
    noted: 5,
    refused: 7,
};

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let mut findings = Findings::default();
    for (file, syntax) in repository.syntax()? {
        measure(file, &syntax, &mut findings);
    }
    Ok(findings)
}

fn measure(file: &File, syntax: &syn::File, findings: &mut Findings) {
    let tests: usize = syntax.items.iter().filter_map(inline_tests).sum();
    let lines = file.text.lines().count().saturating_sub(tests);
    FILE.judge(&file.path, lines, findings);
    let file = &file.path;
    Functions { file, findings }.visit_file(syntax);
}

impl Limit {
    fn judge(&self, place: &str, found: usize, findings: &mut Findings) {
        let Self {
            what,
            noted,
            refused,
        } = self;
        if found > *refused {
            findings
                .errors
                .push(format!("{place}: {found} {what}, at most {refused}"));
        } else if found > *noted {
            findings
                .notes
                .push(format!("{place}: {found} {what}, better at most {noted}"));
        }
    }
}

/// The lines of a module of inline tests.
fn inline_tests(item: &syn::Item) -> Option<usize> {
    let syn::Item::Mod(module) = item else {
        return None;
    };
    let attribute = module
        .attrs
        .iter()
        .find(|attribute| is_cfg_test(attribute))?;
    let (brace, _) = module.content.as_ref()?;
    Some(lines(attribute.pound_token.span, brace.span.close()))
}

/// How many lines there are from the one to the other, both included.
fn lines(first: Span, last: Span) -> usize {
    last.end().line + 1 - first.start().line
}

/// Looks at every function, methods and nested ones included.
struct Functions<'a> {
    file: &'a str,
    findings: &'a mut Findings,
}

impl Functions<'_> {
    fn judge(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let place = format!(
            "{}:{} fn {}",
            self.file,
            signature.fn_token.span.start().line,
            signature.ident
        );
        let length = lines(signature.fn_token.span, body.brace_token.span.close());
        FUNCTION.judge(&place, length, self.findings);
        let own = signature
            .inputs
            .iter()
            .filter(|input| matches!(input, syn::FnArg::Typed(_)));
        PARAMETERS.judge(&place, own.count(), self.findings);
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.judge(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.judge(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.judge(&function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Findings {
        check(&Repository::of(&[("a.rs", text)])).unwrap()
    }

    fn function(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    work();\n".repeat(lines - 2))
    }

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        assert!(found(&function(60)).notes.is_empty());
        assert_eq!(
            found(&function(61)).notes,
            ["a.rs:1 fn long: 61 lines, better at most 60"]
        );
        assert_eq!(
            found(&function(101)).errors,
            ["a.rs:1 fn long: 101 lines, at most 100"]
        );
    }

    #[test]
    fn inline_tests_do_not_make_a_file_long() {
        let code = "use a;\n".repeat(500);
        let tests = format!(
            "#[cfg(test)]\nmod tests {{\n{}}}\n",
            "    use b;\n".repeat(300)
        );
        assert!(found(&format!("{code}{tests}")).notes.is_empty());
        assert_eq!(found(&"use a;\n".repeat(801)).errors.len(), 1);
    }

    #[test]
    fn parameters_are_counted() {
        assert_eq!(
            found("fn f(a: A, b: A, c: A, d: A, e: A, f: A) {}")
                .notes
                .len(),
            1
        );
    }
}
