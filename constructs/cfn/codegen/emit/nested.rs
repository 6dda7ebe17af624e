//! The modules of nested types. Types that are the same in several resources of a service are
//! written once, in the first, and re-exported by the others.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::dedupe::{Node, classes};
use super::super::docs;
use super::super::module::{Module, Nested, Shape, by_name};
use super::{fields, resource};

/// A nested type as source, and what it names.
struct Written<'a> {
    source: String,
    nested: &'a Nested<'a>,
    uses: Vec<usize>,
}

/// Writes one module per resource that has nested types.
pub fn write(out: &mut String, modules: &[Module<'_>]) {
    let written: Vec<Vec<Written<'_>>> = modules.iter().map(sources).collect();
    let starts = starts(&written);
    let mut nodes = Vec::new();
    for (items, start) in written.iter().zip(&starts) {
        nodes.extend(items.iter().map(|item| Node {
            source: &item.source,
            uses: item.uses.iter().map(|used| used + start).collect(),
        }));
    }
    let classes = classes(&nodes);
    let mut home: BTreeMap<usize, &str> = BTreeMap::new();
    for ((module, items), start) in modules.iter().zip(&written).zip(&starts) {
        if resource::has_module(module) {
            write_module(out, module, items, &classes[*start..], &mut home);
        }
    }
}

fn starts(written: &[Vec<Written<'_>>]) -> Vec<usize> {
    let mut next = 0;
    let start = |items: &Vec<Written<'_>>| {
        let start = next;
        next += items.len();
        start
    };
    written.iter().map(start).collect()
}

fn sources<'a>(module: &'a Module<'a>) -> Vec<Written<'a>> {
    let place: BTreeMap<&str, usize> = module
        .nested
        .iter()
        .enumerate()
        .map(|(index, nested)| (nested.name.as_str(), index))
        .collect();
    let written = |nested: &'a Nested<'a>| Written {
        source: source(nested),
        uses: uses(nested, &place),
        nested,
    };
    module.nested.iter().map(written).collect()
}

fn uses(nested: &Nested<'_>, place: &BTreeMap<&str, usize>) -> Vec<usize> {
    let Shape::Structure(_, fields) = &nested.shape else {
        return Vec::new();
    };
    let named = fields.iter().filter_map(|field| field.ty.nested());
    named.filter_map(|name| place.get(name).copied()).collect()
}

fn source(nested: &Nested<'_>) -> String {
    let mut out = String::new();
    let Nested { name, .. } = nested;
    match &nested.shape {
        Shape::Structure(_, fields) => {
            let _ = writeln!(out, "    {name}\n    }}");
            let required = format!("{name}Required");
            let builder = fields::Builder {
                indent: "    ",
                name,
                prefix: "",
                required: &required,
                fields,
            };
            fields::write(&mut out, &builder);
            if by_name(fields) {
                fields::write_required(&mut out, "    ", &required, name, fields);
            }
        }
        Shape::Choice(variants) => {
            let _ = writeln!(out, "    {name} {{");
            for (variant, value) in variants {
                let _ = writeln!(out, "        /// `{value}`\n        {variant} = {value:?},");
            }
            out.push_str("    }\n    }\n");
        }
    }
    out
}

fn write_module<'a>(
    out: &mut String,
    module: &'a Module<'_>,
    items: &[Written<'_>],
    classes: &[usize],
    home: &mut BTreeMap<usize, &'a str>,
) {
    let _ = writeln!(
        out,
        "\n/// The property types of [`{0}`](super::{0}).",
        module.name
    );
    let _ = writeln!(out, "pub mod {} {{", module.module);
    out.push_str("    use super::{synth, IntoValue, choice, property, put};\n");
    let mut shared: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (item, class) in items.iter().zip(classes) {
        match home.get(class) {
            Some(first) => shared
                .entry(first)
                .or_default()
                .extend(exported(item.nested)),
            None => {
                home.insert(*class, &module.module);
                write_type(out, module, item);
            }
        }
    }
    for (first, names) in shared {
        let _ = writeln!(out, "    pub use super::{first}::{{{}}};", names.join(", "));
    }
    if by_name(&module.fields) {
        let of = format!("super::{}", module.name);
        fields::write_required(out, "    ", "Required", &of, &module.fields);
    }
    out.push_str("}\n");
}

fn exported(nested: &Nested<'_>) -> Vec<String> {
    let mut names = vec![nested.name.clone()];
    if let Shape::Structure(_, fields) = &nested.shape
        && by_name(fields)
    {
        names.push(format!("{}Required", nested.name));
    }
    names
}

fn write_type(out: &mut String, module: &Module<'_>, item: &Written<'_>) {
    match &item.nested.shape {
        Shape::Structure(..) => {
            let page = docs::struct_page(module.service, module.resource, item.nested.written);
            let _ = writeln!(out, "    property! {{");
            let _ = writeln!(out, "    /// [`{}`]({page})", item.nested.written);
        }
        Shape::Choice(_) => {
            let _ = writeln!(out, "    choice! {{");
            let _ = writeln!(out, "    /// The values of `{}`.", item.nested.written);
        }
    }
    out.push_str(&item.source);
}
