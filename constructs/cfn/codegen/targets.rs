//! What a property refers to, as a Rust type.
//!
//! The facts name targets as `AWS::IAM::Role.Arn`. The rule, per property:
//!
//! | the alternatives | the argument | a handle passes |
//! |---|---|---|
//! | the ARN of one type | `Arn<iam::Role>` | its ARN |
//! | what `Ref` returns, of one type | `Id<ec2::Vpc>` | `Ref` |
//! | both of one type | `IdOrArn<kms::Key>` | `Ref` |
//! | ARNs of several types | `AnyArn` | its ARN |
//! | anything else | `String` | nothing: name the attribute |
//!
//! Text and values of the right kind fit everywhere. Alternatives that are neither the ARN nor
//! what `Ref` returns (an address, a domain name) do not count while others are left.

use std::collections::BTreeSet;

use cloudwright_spec::Resource;

use super::library::Library;
use super::names;

/// How the ARN of a resource is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArnSource {
    /// It is not readable.
    None,
    /// By `Fn::GetAtt` of this attribute.
    Attribute(String),
    /// By `Ref`.
    Ref,
}

/// What is readable of a resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where its ARN is.
    pub arn: ArnSource,
    /// The names of what `Ref` returns.
    ref_id: Vec<String>,
    attributes: BTreeSet<String>,
}

impl Target {
    /// Collects what is readable of a resource type.
    pub fn of(resource: &Resource<'_>) -> Self {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let attributes = resource.attributes.iter();
        Self {
            arn: arn_source(resource),
            ref_id: own(reference(resource)),
            attributes: attributes
                .map(|attribute| attribute.name.to_owned())
                .collect(),
        }
    }

    fn kind(&self, member: &str) -> Kind {
        if self.is_arn(member) {
            Kind::Arn
        } else if self.is_reference(member) {
            Kind::Id
        } else {
            Kind::Other
        }
    }

    fn is_arn(&self, member: &str) -> bool {
        match &self.arn {
            ArnSource::None => false,
            ArnSource::Attribute(name) => member == name || member == "Arn",
            // Everything that means "what `Ref` returns" is an ARN then.
            ArnSource::Ref => member == "Arn" || self.is_reference(member),
        }
    }

    /// The sources also say `Id`, `Ids` or `Name` for what `Ref` returns.
    fn is_reference(&self, member: &str) -> bool {
        let [id] = self.ref_id.as_slice() else {
            return false;
        };
        let known = self.attributes.contains(member);
        member == id
            || (!known && matches!(member, "Id" | "Ids"))
            || (!known && member == "Name" && id.ends_with("Name"))
    }
}

/// What `Ref` returns: the primary identifier unless the facts say otherwise.
fn reference<'a>(resource: &'a Resource<'_>) -> &'a [&'a str] {
    match resource.ref_id.as_slice() {
        [] => &resource.id,
        ids => ids,
    }
}

fn arn_source(resource: &Resource<'_>) -> ArnSource {
    let (_, name) = names::parts(resource.type_name).unwrap_or_default();
    let own = format!("{name}arn");
    let attribute = |wanted: &dyn Fn(&str) -> bool| {
        let mut names = resource.attributes.iter().map(|attribute| attribute.name);
        names.find(|name| wanted(name)).map(str::to_owned)
    };
    let by_name = attribute(&|name| name.eq_ignore_ascii_case("arn"))
        .or_else(|| attribute(&|name| name.eq_ignore_ascii_case(&own)));
    if let Some(name) = by_name {
        return ArnSource::Attribute(name);
    }
    match reference(resource) {
        [id] if id.ends_with("Arn") || id.ends_with("ARN") => ArnSource::Ref,
        _ => ArnSource::None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Arn,
    Id,
    Other,
}

/// What a property takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The ARN of this resource type.
    Arn(String),
    /// What `Ref` of this resource type returns.
    Id(String),
    /// Either of the two.
    IdOrArn(String),
    /// The ARN of one of several types.
    AnyArn,
    /// Text.
    Text,
}

/// Decides what a property takes whose facts name these targets.
pub fn reference_to(refs: &[&str], library: &Library<'_>) -> Reference {
    let all: Vec<(&str, Kind)> = refs
        .iter()
        .filter_map(|target| {
            let (type_name, member) = target.rsplit_once('.')?;
            let kind = library.target(type_name)?.kind(member);
            (kind != Kind::Other).then_some((type_name, kind))
        })
        .collect();
    let Some(&(first, _)) = all.first() else {
        return Reference::Text;
    };
    let has = |kind| {
        all.iter()
            .any(|&(name, found)| name == first && found == kind)
    };
    let one_type = all.iter().all(|(name, _)| *name == first);
    match (has(Kind::Arn), has(Kind::Id)) {
        (true, true) => Reference::IdOrArn(first.to_owned()),
        (true, _) if one_type => Reference::Arn(first.to_owned()),
        (_, true) if one_type => Reference::Id(first.to_owned()),
        _ if all.iter().all(|(_, kind)| *kind == Kind::Arn) => Reference::AnyArn,
        _ => Reference::Text,
    }
}
