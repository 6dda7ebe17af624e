//! `new` and the setters, the same for resources and nested types.

use std::fmt::Write as _;

use super::super::module::{Field, by_name, required};

/// A builder whose methods are written.
pub struct Builder<'a> {
    /// The space in front of every line.
    pub indent: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What leads to the nested types.
    pub prefix: &'a str,
    /// The path of its by-name arguments.
    pub required: &'a str,
    /// Its properties.
    pub fields: &'a [Field<'a>],
}

/// Writes the `impl` block of a builder.
pub fn write(out: &mut String, builder: &Builder<'_>) {
    let Builder {
        indent,
        name,
        prefix,
        fields,
        ..
    } = *builder;
    let _ = writeln!(out, "{indent}impl {name} {{");
    if by_name(fields) {
        new_by_name(out, builder);
    } else {
        new_by_position(out, builder);
    }
    for field in fields.iter().filter(|field| !field.facts.required) {
        let Field {
            facts,
            setter,
            doc,
            ty,
            ..
        } = field;
        let key = facts.name;
        let ty = ty.display(prefix);
        let _ = writeln!(out, "{indent}    /// {doc}");
        let _ = writeln!(
            out,
            "{indent}    pub fn {setter}(self, value: impl IntoValue<{ty}>) -> Self {{\n{indent}        Self(put(self.0, \"{key}\", value))\n{indent}    }}"
        );
    }
    let _ = writeln!(out, "{indent}}}");
}

fn new_by_position(out: &mut String, builder: &Builder<'_>) {
    let Builder {
        indent,
        prefix,
        fields,
        ..
    } = *builder;
    let arguments: Vec<String> = required(fields)
        .map(|field| {
            format!(
                "{}: impl IntoValue<{}>",
                field.setter,
                field.ty.display(prefix)
            )
        })
        .collect();
    new_docs(out, indent, fields);
    let _ = writeln!(
        out,
        "{indent}    pub fn new({}) -> Self {{",
        arguments.join(", ")
    );
    new_body(out, indent, "", fields);
}

fn new_by_name(out: &mut String, builder: &Builder<'_>) {
    let Builder {
        indent,
        prefix,
        required: path,
        fields,
        ..
    } = *builder;
    let types: Vec<String> = required(fields)
        .map(|field| format!("impl IntoValue<{}>", field.ty.display(prefix)))
        .collect();
    new_docs(out, indent, fields);
    let types = types.join(", ");
    let _ = writeln!(
        out,
        "{indent}    pub fn new(required: {path}<{types}>) -> Self {{"
    );
    new_body(out, indent, "required.", fields);
}

fn new_docs(out: &mut String, indent: &str, fields: &[Field<'_>]) {
    let _ = writeln!(
        out,
        "{indent}    /// With the required properties, and no others."
    );
    for (index, field) in required(fields).enumerate() {
        if index == 0 {
            let _ = writeln!(out, "{indent}    ///");
        }
        let _ = writeln!(out, "{indent}    /// - {}", field.doc);
    }
    let _ = writeln!(out, "{indent}    #[inline]");
}

fn new_body(out: &mut String, indent: &str, source: &str, fields: &[Field<'_>]) {
    let mut props = "synth::Props::new()".to_owned();
    for Field { facts, setter, .. } in required(fields) {
        let key = facts.name;
        props = format!("put({props}, \"{key}\", {source}{setter})");
    }
    let _ = writeln!(out, "{indent}        Self({props})\n{indent}    }}");
}

/// Writes the struct of the by-name arguments.
pub fn write_required(out: &mut String, indent: &str, name: &str, of: &str, fields: &[Field<'_>]) {
    let generics: Vec<String> = (0..required(fields).count())
        .map(|index| format!("T{index}"))
        .collect();
    let _ = writeln!(out, "{indent}/// The required properties of [`{of}`].");
    let _ = writeln!(out, "{indent}pub struct {name}<{}> {{", generics.join(", "));
    for (generic, field) in generics.iter().zip(required(fields)) {
        let Field { setter, doc, .. } = field;
        let _ = writeln!(out, "{indent}    /// {doc}");
        let _ = writeln!(out, "{indent}    pub {setter}: {generic},");
    }
    let _ = writeln!(out, "{indent}}}");
}
