//! Names that users meet: the terms of AWS, no prefix and no `get_`; handles that end in `Ref`;
//! constructs that warn when they are forgotten.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};

use super::{Findings, Repository};
use crate::Outcome;

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let mut names = Names::default();
    for (file, syntax) in repository.syntax()? {
        if file.is_library() {
            names.file.clone_from(&file.path);
            names.visit_file(&syntax);
        }
    }
    let forgettable = names.forgettable_constructs();
    names.findings.errors.extend(forgettable);
    Ok(names.findings)
}

/// Handles of the engine itself: any resource's, a parameter's and a nested stack's.
const HANDLES: &[&str] = &["Handle", "Value", "Stack"];

#[derive(Default)]
struct Names {
    file: String,
    findings: Findings,
    /// Whether a public type of a folder is `#[must_use]`: names repeat, but not in a module.
    types: BTreeMap<(String, String), bool>,
    /// Types that implement `Construct`: folder, name and place.
    constructs: Vec<(String, String, String)>,
}

impl Names {
    /// The folder of this file.
    fn folder(&self) -> String {
        let folder = self.file.rsplit_once('/').map(|(folder, _)| folder);
        folder.unwrap_or_default().to_owned()
    }

    fn complain(&mut self, at: &syn::Ident, what: &str) {
        let line = at.span().start().line;
        let error = format!("{}:{line}: {at}: {what}", self.file);
        self.findings.errors.push(error);
    }

    fn function(&mut self, visibility: &syn::Visibility, name: &syn::Ident) {
        let public = matches!(visibility, syn::Visibility::Public(_));
        // A collection has `get_mut`, as those of the standard library.
        if public && name != "get_mut" && name.to_string().starts_with("get_") {
            self.complain(name, "name it without `get_`");
        }
    }

    fn a_type(
        &mut self,
        visibility: &syn::Visibility,
        name: &syn::Ident,
        attributes: &[syn::Attribute],
    ) {
        if !matches!(visibility, syn::Visibility::Public(_)) {
            return;
        }
        if name.to_string().starts_with("Cfn") {
            self.complain(name, "name it without `Cfn`");
        }
        let must_use = attributes.iter().any(|a| a.path().is_ident("must_use"));
        self.types
            .insert((self.folder(), name.to_string()), must_use);
    }

    /// Constructs that can be made and then not added without a warning.
    fn forgettable_constructs(&self) -> Vec<String> {
        let forgettable = self.constructs.iter().filter(|(folder, name, _)| {
            self.types.get(&(folder.clone(), name.clone())) == Some(&false)
        });
        let advice = "is a construct: say `#[must_use]`, so that a forgotten `add` is a warning";
        forgettable
            .map(|(_, name, place)| format!("{place}: {name} {advice}"))
            .collect()
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.function(&function.vis, &function.sig.ident);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.function(&function.vis, &function.sig.ident);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.a_type(&item.vis, &item.ident, &item.attrs);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.a_type(&item.vis, &item.ident, &item.attrs);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if implements(item, "Construct")
            && let Some(name) = last_name(&item.self_ty)
        {
            let place = format!("{}:{}", self.file, name.span().start().line);
            let folder = self.folder();
            self.constructs.push((folder, name.to_string(), place));
            item.items.iter().for_each(|inner| self.handle(inner));
        }
        visit::visit_item_impl(self, item);
    }
}

impl Names {
    fn handle(&mut self, item: &syn::ImplItem) {
        let syn::ImplItem::Type(associated) = item else {
            return;
        };
        let Some(handle) = last_name(&associated.ty).filter(|_| associated.ident == "Handle")
        else {
            return;
        };
        let handle_name = handle.to_string();
        // `QueueRefOf<Fifo>`: a family of handles, each with an alias that ends in `Ref`.
        let named = handle_name.ends_with("Ref") || handle_name.ends_with("RefOf");
        if !named && !HANDLES.contains(&handle_name.as_str()) {
            self.complain(handle, "is a handle: let its name end in `Ref`");
        }
    }
}

fn implements(item: &syn::ItemImpl, name: &str) -> bool {
    let path = item.trait_.as_ref().map(|(_, path, _)| path);
    path.and_then(|path| path.segments.last())
        .is_some_and(|last| last.ident == name)
}

/// The last name of a path type, such as `BucketRef` of `s3::BucketRef`.
fn last_name(ty: &syn::Type) -> Option<&syn::Ident> {
    let syn::Type::Path(path) = ty else {
        return None;
    };
    path.path.segments.last().map(|last| &last.ident)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(code: &str) -> Vec<String> {
        let repository = Repository::of(&[("constructs/src/s3.rs", code)]);
        check(&repository).unwrap().errors
    }

    #[test]
    fn prefixes_are_refused() {
        assert_eq!(
            errors("pub struct CfnBucket; impl CfnBucket { pub fn get_arn(&self) {} }").len(),
            2
        );
        assert!(errors("struct CfnBucket; fn get_arn() {} pub fn budget_of() {}").is_empty());
    }

    #[test]
    fn a_construct_is_must_use_and_its_handle_ends_in_ref() {
        let construct = |attribute: &str, handle: &str| {
            format!(
                "{attribute} pub struct Bucket; impl Construct for Bucket {{ type Handle = {handle}; }}"
            )
        };
        assert!(errors(&construct("#[must_use]", "BucketRef")).is_empty());
        assert!(errors(&construct("#[must_use]", "QueueRefOf<K>")).is_empty());
        assert!(errors(&construct("#[must_use]", "crate::Handle")).is_empty());
        assert_eq!(errors(&construct("", "BucketRef")).len(), 1);
        let other = "pub struct Bucket;";
        let files = [
            (
                "constructs/src/s3/bucket.rs",
                &*construct("#[must_use]", "BucketRef"),
            ),
            ("spec/src/bucket.rs", other),
        ];
        assert!(check(&Repository::of(&files)).unwrap().errors.is_empty());
        assert_eq!(errors(&construct("#[must_use]", "BucketHandle")).len(), 1);
    }
}
