//! The handle's methods: what `Fn::GetAtt` reads.

use std::fmt::Write as _;

use cloudwright_spec::{Attribute, Type};

use super::super::module::{Module, scalar_type};
use super::super::names;
use super::super::targets::ArnSource;

/// Writes the attribute methods and, where there is one, the ARN.
pub fn write(out: &mut String, resource: &Module<'_>) {
    let Module {
        facts, name, arn, ..
    } = resource;
    let methods = methods(&facts.attributes);
    match arn {
        ArnSource::None => {}
        ArnSource::Attribute(attribute) => {
            let _ = writeln!(out, "has_arn!({name}, {name}Ref, \"{attribute}\");");
        }
        ArnSource::Ref => {
            let _ = writeln!(out, "has_arn!({name}, {name}Ref);");
        }
    }
    if methods.is_empty() {
        return;
    }
    let _ = writeln!(out, "impl {name}Ref {{");
    for (method_name, attribute) in &methods {
        let is_arn = matches!(arn, ArnSource::Attribute(name) if name == attribute.name);
        method(out, method_name, attribute, is_arn.then_some(name.as_str()));
    }
    out.push_str("}\n");
}

/// Names the methods; a nested attribute gives way to a plain one of the same name.
fn methods<'f, 'a>(attributes: &'f [Attribute<'a>]) -> Vec<(String, &'f Attribute<'a>)> {
    let nested = |attribute: &&Attribute<'_>| attribute.name.contains('.');
    let plain = attributes.iter().filter(|attribute| !nested(attribute));
    let mut methods: Vec<(String, &Attribute<'_>)> = Vec::new();
    for attribute in plain.chain(attributes.iter().filter(nested)) {
        let name = names::attribute(attribute.name);
        let taken = methods.iter().any(|(other, _)| *other == name);
        let name = if taken {
            format!("{name}_nested")
        } else {
            name
        };
        if names::snake(attribute.name) != "arn" {
            methods.push((name, attribute));
        }
    }
    methods.sort_by(|a, b| a.0.cmp(&b.0));
    methods
}

fn method(out: &mut String, method: &str, attribute: &Attribute<'_>, arn_of: Option<&str>) {
    let Attribute { name, ty } = attribute;
    let (call, ty) = match (arn_of, ty) {
        (Some(owner), _) => ("attribute", format!("synth::Arn<{owner}>")),
        (_, Type::List(element)) => ("list_attribute", plain(element).to_owned()),
        (_, ty) => ("attribute", plain(ty).to_owned()),
    };
    let returned = match call {
        "list_attribute" => format!("Vec<{ty}>"),
        _ => ty,
    };
    let _ = writeln!(out, "    /// The attribute `{name}`.");
    let _ = writeln!(
        out,
        "    #[inline]\n    #[must_use]\n    pub fn {method}(&self) -> synth::Value<{returned}> {{ self.0.{call}(\"{name}\") }}"
    );
}

fn plain(ty: &Type<'_>) -> &'static str {
    match ty {
        Type::Scalar(scalar) => scalar_type(*scalar),
        Type::Named(_) | Type::List(_) | Type::Map(_) => "synth::Json",
        Type::OneOf(_) => "String",
    }
}
