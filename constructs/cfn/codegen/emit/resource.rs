//! A resource type: its builder, its handle and its attributes.

use std::fmt::Write as _;

use super::super::docs;
use super::super::module::{Module, by_name};
use super::{attributes, excerpt_file, fields};

/// Writes the items of a resource type into its service's module.
pub fn write(out: &mut String, resource: &Module<'_>, service_module: &str) {
    let Module {
        facts,
        name,
        module,
        ..
    } = resource;
    let page = docs::resource_page(resource.service, resource.resource);
    let _ = writeln!(out, "\nresource! {{");
    let _ = writeln!(out, "    /// [`{}`]({page})", facts.type_name);
    if facts.stateful {
        let _ = writeln!(out, "    ///\n    /// Deleting it loses data.");
    }
    let file = excerpt_file(resource.resource);
    let type_name = facts.type_name;
    let _ = writeln!(
        out,
        "    {name}, {name}Ref, \"{type_name}\", \"{service_module}/{file}\"\n}}"
    );
    let prefix = format!("{module}::");
    let required = format!("{prefix}Required");
    let builder = fields::Builder {
        indent: "",
        name,
        prefix: &prefix,
        required: &required,
        fields: &resource.fields,
    };
    fields::write(out, &builder);
    attributes::write(out, resource);
}

/// Whether the resource has a module for nested types.
pub fn has_module(resource: &Module<'_>) -> bool {
    !resource.nested.is_empty() || by_name(&resource.fields)
}
