//! Generic code of the standard library that costs everybody's build much: sorting, and maps and sets
//! by a tree, are compiled anew for every type. What users compile takes `cloudwright_spec::sorted`.

use syn::visit::{self, Visit};

use super::repository::File;
use super::{Findings, Repository, is_cfg_test};
use crate::Outcome;

/// Where the sources are that every user compiles.
const COMPILED: &[&str] = &[
    "bundle/src/",
    "constructs/cfn/src/",
    "constructs/src/",
    "diff/src/",
    "spec/src/",
    "synth/src/",
];
/// What of them only some compile, and the files whose subject these types are: sorting itself, and
/// the values that a user may give.
const EXEMPT: &[&str] = &[
    "bundle/src/build/",
    "spec/src/check/full.rs",
    "spec/src/sorted.rs",
    "synth/src/value.rs",
];
const METHODS: &[&str] = &[
    "sort",
    "sort_by",
    "sort_by_cached_key",
    "sort_by_key",
    "sort_unstable",
    "sort_unstable_by",
    "sort_unstable_by_key",
];
const TYPES: &[&str] = &["BTreeMap", "BTreeSet"];

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let mut findings = Findings::default();
    for (file, syntax) in repository.syntax()? {
        if is_compiled_by_all(file) {
            let errors = &mut findings.errors;
            Generics {
                file: &file.path,
                errors,
            }
            .visit_file(&syntax);
        }
    }
    Ok(findings)
}

fn is_compiled_by_all(file: &File) -> bool {
    let begins = |folders: &[&str]| folders.iter().any(|folder| file.path.starts_with(folder));
    begins(COMPILED)
        && !begins(EXEMPT)
        && !file.path.ends_with("/tests.rs")
        && !file.path.contains("/tests/")
}

struct Generics<'a> {
    file: &'a str,
    errors: &'a mut Vec<String>,
}

impl Generics<'_> {
    fn judge(&mut self, name: &syn::Ident, listed: &[&str]) {
        if listed.iter().any(|heavy| name == heavy) {
            let line = name.span().start().line;
            self.errors.push(format!(
                "{}:{line}: {name}: every type makes it anew; take `cloudwright_spec::sorted`",
                self.file
            ));
        }
    }
}

impl<'ast> Visit<'ast> for Generics<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !module.attrs.iter().any(is_cfg_test) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        // A method of our own may have such a name; those of slices take no value but a function.
        if call.args.is_empty() || matches!(call.args.first(), Some(syn::Expr::Closure(_))) {
            self.judge(&call.method, METHODS);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        self.judge(&segment.ident, TYPES);
        visit::visit_path_segment(self, segment);
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
    fn what_users_compile_sorts_by_one_function() {
        let sorting = "fn f(a: &mut [u8]) { a.sort(); }";
        assert_eq!(errors("synth/src/app.rs", sorting), 1);
        let tests = format!("#[cfg(test)] mod tests {{ {sorting} }}");
        assert_eq!(errors("synth/src/app.rs", &tests), 0);
        assert_eq!(errors("xtask/src/main.rs", sorting), 0);
        assert_eq!(errors("spec/src/sorted.rs", sorting), 0);
        let map = "fn f() -> BTreeMap<u8, u8> { BTreeMap::new() }";
        assert_eq!(errors("diff/src/lib.rs", map), 2);
        let own = "fn f() { keys.sort_by(attribute); }";
        assert_eq!(errors("constructs/src/dynamodb/table.rs", own), 0);
    }
}
