//! Calls that end a program: code of the libraries gives a reason, in an `expect`, why a value must
//! be there, or reports the mistake. Tests may unwrap.

use syn::visit::{self, Visit};

use super::repository::File;
use super::{Findings, Repository, is_cfg_test};
use crate::Outcome;

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let mut findings = Findings::default();
    for (file, syntax) in repository.syntax()? {
        if file.is_library() && !is_tests(file) {
            let errors = &mut findings.errors;
            Calls {
                file: &file.path,
                errors,
            }
            .visit_file(&syntax);
        }
    }
    Ok(findings)
}

/// Whether the file is a module of tests of its own.
fn is_tests(file: &File) -> bool {
    file.path.ends_with("/tests.rs") || file.path.contains("/tests/")
}

struct Calls<'a> {
    file: &'a str,
    errors: &'a mut Vec<String>,
}

impl<'ast> Visit<'ast> for Calls<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !module.attrs.iter().any(is_cfg_test) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let place = format!("{}:{}", self.file, call.method.span().start().line);
        if call.method == "unwrap" && call.args.is_empty() {
            let advice = "report the mistake, or say in an `expect` why it cannot happen";
            self.errors.push(format!("{place}: unwrap: {advice}"));
        }
        visit::visit_expr_method_call(self, call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(path: &str, code: &str) -> usize {
        let findings = check(&Repository::of(&[(path, code)])).unwrap();
        findings.errors.len()
    }

    #[test]
    fn libraries_do_not_unwrap_outside_of_their_tests() {
        let code = "fn f() { g().unwrap(); }";
        let tests = format!("#[cfg(test)] mod tests {{ {code} }}");
        assert_eq!(errors("synth/src/app.rs", code), 1);
        assert_eq!(errors("synth/src/app.rs", &tests), 0);
        assert_eq!(errors("synth/tests/app.rs", code), 0);
        let reasoned = "fn f() { g().expect(\"g has checked it\"); }";
        assert_eq!(errors("synth/src/app.rs", reasoned), 0);
    }
}
