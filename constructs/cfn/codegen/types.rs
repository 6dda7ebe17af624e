//! The Rust type of a value, as the argument of `IntoValue`.

use std::fmt;

use super::names;

/// A Rust type, in terms of the module that its resource's nested types live in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RustType {
    /// A type that needs no path, or a full one.
    Fixed(&'static str),
    /// A nested type of the same resource.
    Nested(String),
    /// `Arn<..>`, `Id<..>` or `IdOrArn<..>` of a resource type (its CloudFormation name).
    Of(&'static str, String),
    /// A list.
    List(Box<RustType>),
    /// A map with text as keys.
    Map(Box<RustType>),
}

impl RustType {
    /// The nested type that it names, if it does.
    pub fn nested(&self) -> Option<&str> {
        match self {
            Self::Nested(name) => Some(name),
            Self::List(inner) | Self::Map(inner) => inner.nested(),
            Self::Fixed(_) | Self::Of(..) => None,
        }
    }

    /// The resource type that it refers to, if it does.
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Of(_, type_name) => Some(type_name),
            Self::List(inner) | Self::Map(inner) => inner.target(),
            Self::Fixed(_) | Self::Nested(_) => None,
        }
    }

    /// The type as source; `prefix` leads from where it is written to the nested types.
    pub fn display<'a>(&'a self, prefix: &'a str) -> impl fmt::Display + 'a {
        Written { ty: self, prefix }
    }
}

struct Written<'a> {
    ty: &'a RustType,
    prefix: &'a str,
}

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ty, prefix } = self;
        let inner = |ty| Written { ty, prefix };
        match ty {
            RustType::Fixed(name) => f.write_str(name),
            RustType::Nested(name) => write!(f, "{prefix}{name}"),
            RustType::Of(wrapper, type_name) => write!(f, "synth::{wrapper}<{}>", path(type_name)),
            RustType::List(element) => write!(f, "Vec<{}>", inner(element)),
            RustType::Map(element) => write!(f, "synth::MapOf<{}>", inner(element)),
        }
    }
}

/// The full path of a resource type: `crate::iam::Role`.
fn path(type_name: &str) -> String {
    let (service, resource) = names::parts(type_name).unwrap_or_default();
    let module = names::service_module(service);
    format!("crate::{module}::{}", names::type_name(resource))
}
