//! A resource type with Rust names: what is emitted, before it is text.

use std::collections::{BTreeMap, BTreeSet};

use cloudwright_spec::{Fields, Property, Resource, Scalar, Type};

use super::library::Library;
use super::targets::{ArnSource, Reference, Target, reference_to};
use super::types::RustType;
use super::variant::variants;
use super::{docs, names};

/// With more required properties than this, `new` takes them by name.
pub const MOST_POSITIONAL: usize = 3;

/// A resource type and its nested types.
pub struct Module<'a> {
    /// The facts.
    pub facts: &'a Resource<'a>,
    /// The service as in the type's name, such as `S3`.
    pub service: &'a str,
    /// The resource as in the type's name, such as `Bucket`.
    pub resource: &'a str,
    /// The Rust type.
    pub name: String,
    /// The module of its nested types.
    pub module: String,
    /// Its settable properties.
    pub fields: Vec<Field<'a>>,
    /// Its nested types, sorted by name.
    pub nested: Vec<Nested<'a>>,
    /// Where its ARN is.
    pub arn: ArnSource,
}

/// A settable property.
pub struct Field<'a> {
    /// The facts.
    pub facts: &'a Property<'a>,
    /// The setter or argument.
    pub setter: String,
    /// What it takes.
    pub ty: RustType,
    /// The doc line.
    pub doc: String,
}

/// A nested property type.
pub struct Nested<'a> {
    /// The Rust type.
    pub name: String,
    /// The name in the facts.
    pub written: &'a str,
    /// What it is.
    pub shape: Shape<'a>,
}

/// What a nested property type is.
pub enum Shape<'a> {
    /// An object: its facts and its properties.
    Structure(&'a Fields<'a>, Vec<Field<'a>>),
    /// A closed set of text: variants with their values.
    Choice(Vec<(String, &'a str)>),
}

/// The properties that `new` takes.
pub fn required<'f, 'a>(fields: &'f [Field<'a>]) -> impl Iterator<Item = &'f Field<'a>> {
    fields.iter().filter(|field| field.facts.required)
}

/// Whether `new` takes these by name rather than by position.
pub fn by_name(fields: &[Field<'_>]) -> bool {
    required(fields).count() > MOST_POSITIONAL
}

impl<'a> Module<'a> {
    /// Names everything of a resource type.
    pub fn new(facts: &'a Resource<'a>, library: &Library<'_>) -> Self {
        let (service, resource) = names::parts(facts.type_name).unwrap_or_default();
        let name = names::type_name(resource);
        let naming = Naming::of(facts, &name);
        let context = Context {
            facts,
            library,
            naming: &naming,
        };
        Self {
            facts,
            service,
            resource,
            module: names::resource_module(resource),
            fields: context.fields("", &facts.fields),
            nested: context.nested(),
            arn: Target::of(facts).arn,
            name,
        }
    }
}

/// The Rust names of a resource's nested types.
struct Naming<'a> {
    /// Structs and shared value sets by their name in the facts.
    named: BTreeMap<&'a str, String>,
    /// Value sets of one property by struct (empty for the resource) and property.
    own: BTreeMap<(&'a str, &'a str), String>,
}

impl<'a> Naming<'a> {
    fn of(facts: &'a Resource<'a>, resource: &str) -> Self {
        let mut taken = BTreeSet::from(["Required".to_owned()]);
        let structs = facts.structs.iter().map(|item| item.name);
        let enums = facts.enums.iter().map(|item| item.name);
        let named = structs
            .chain(enums)
            .map(|name| (name, first_free(&mut taken, [names::type_name(name)])))
            .collect();
        let sets = own_sets(facts);
        let mut uses: BTreeMap<String, usize> = BTreeMap::new();
        for (_, property) in &sets {
            *uses.entry(names::type_name(property.name)).or_default() += 1;
        }
        let name = |&(owner, property): &(&'a str, &'a Property<'a>)| {
            let short = names::type_name(property.name);
            let owner_name = match owner {
                "" => resource.to_owned(),
                owner => names::type_name(owner),
            };
            let long = format!("{owner_name}{short}");
            let unique = (uses[&short] == 1).then_some(short);
            let candidates = unique
                .into_iter()
                .chain([long.clone(), format!("{long}Value")]);
            ((owner, property.name), first_free(&mut taken, candidates))
        };
        Self {
            named,
            own: sets.iter().map(name).collect(),
        }
    }
}

/// Every property whose value set is its own, as struct and property.
fn own_sets<'a>(facts: &'a Resource<'a>) -> Vec<(&'a str, &'a Property<'a>)> {
    let structs = facts.structs.iter().map(|item| (item.name, &item.fields));
    std::iter::once(("", &facts.fields))
        .chain(structs)
        .flat_map(|(owner, fields)| {
            let sets = fields.properties.iter();
            sets.filter(|property| matches!(property.ty.leaf(), Type::OneOf(_)))
                .map(move |property| (owner, property))
        })
        .collect()
}

/// Takes the first candidate that is free; the last one with a number if none is.
fn first_free(
    taken: &mut BTreeSet<String>,
    candidates: impl IntoIterator<Item = String>,
) -> String {
    let mut last = String::new();
    for candidate in candidates {
        if taken.insert(candidate.clone()) {
            return candidate;
        }
        last = candidate;
    }
    let numbered = (2..).map(|count| format!("{last}{count}"));
    let mut free = numbered.filter(|name| !taken.contains(name));
    let name = free.next().unwrap_or(last);
    taken.insert(name.clone());
    name
}

struct Context<'a, 'l> {
    facts: &'a Resource<'a>,
    library: &'l Library<'l>,
    naming: &'l Naming<'a>,
}

impl<'a> Context<'a, '_> {
    fn nested(&self) -> Vec<Nested<'a>> {
        let structs = self.facts.structs.iter().map(|item| Nested {
            name: self.naming.named[item.name].clone(),
            written: item.name,
            shape: Shape::Structure(&item.fields, self.fields(item.name, &item.fields)),
        });
        let enums = self.facts.enums.iter().map(|item| Nested {
            name: self.naming.named[item.name].clone(),
            written: item.name,
            shape: choice(&item.values),
        });
        let mut nested: Vec<_> = structs.chain(enums).chain(self.own_choices()).collect();
        nested.sort_by(|a, b| a.name.cmp(&b.name));
        nested
    }

    fn own_choices(&self) -> Vec<Nested<'a>> {
        let nested = |(owner, property): (&'a str, &'a Property<'a>)| {
            let Type::OneOf(values) = property.ty.leaf() else {
                return None;
            };
            Some(Nested {
                name: self.naming.own[&(owner, property.name)].clone(),
                written: property.name,
                shape: choice(values),
            })
        };
        own_sets(self.facts)
            .into_iter()
            .filter_map(nested)
            .collect()
    }

    fn fields(&self, owner: &'a str, fields: &'a Fields<'a>) -> Vec<Field<'a>> {
        let deprecated = |name: &str| owner.is_empty() && self.facts.deprecated.contains(&name);
        fields
            .properties
            .iter()
            .map(|property| Field {
                facts: property,
                setter: names::setter(property.name),
                ty: self.rust_type(owner, property, &property.ty),
                doc: docs::property(property, deprecated(property.name)),
            })
            .collect()
    }

    fn rust_type(&self, owner: &'a str, property: &'a Property<'a>, ty: &'a Type<'a>) -> RustType {
        let inner = |ty| Box::new(self.rust_type(owner, property, ty));
        match ty {
            Type::List(element) => RustType::List(inner(element)),
            Type::Map(element) => RustType::Map(inner(element)),
            Type::Named(name) => match self.naming.named.get(name) {
                Some(name) => RustType::Nested(name.clone()),
                None => RustType::Fixed("synth::Json"),
            },
            Type::OneOf(_) => RustType::Nested(self.naming.own[&(owner, property.name)].clone()),
            Type::Scalar(Scalar::String) if takes_any_shape(property) => {
                RustType::Fixed("synth::Json")
            }
            Type::Scalar(Scalar::String) => self.text(owner, property),
            Type::Scalar(scalar) => RustType::Fixed(scalar_type(*scalar)),
        }
    }

    /// Text, or what the facts say it refers to; a resource's own name is no reference.
    fn text(&self, owner: &str, property: &Property<'_>) -> RustType {
        let prefix = format!("{}.", self.facts.type_name);
        let own_name = |target: &str| owner.is_empty() && target.starts_with(&prefix);
        let refs = &property.facets.refs;
        if refs.iter().any(|target| own_name(target)) && self.facts.id.contains(&property.name) {
            return RustType::Fixed("String");
        }
        match reference_to(refs, self.library) {
            Reference::Arn(target) => RustType::Of("Arn", target),
            Reference::Id(target) => RustType::Of("Id", target),
            Reference::IdOrArn(target) => RustType::Of("IdOrArn", target),
            Reference::AnyArn => RustType::Fixed("synth::AnyArn"),
            Reference::Text => RustType::Fixed("String"),
        }
    }
}

fn choice<'a>(values: &'a [std::borrow::Cow<'a, str>]) -> Shape<'a> {
    let names = variants(values).into_iter();
    Shape::Choice(names.zip(values.iter().map(AsRef::as_ref)).collect())
}

/// Whether a property takes an object as well as text, as a policy document does. One that names
/// what it refers to stays a reference, and of a list or map it is the whole that has any shape.
fn takes_any_shape(property: &Property<'_>) -> bool {
    let facets = &property.facets;
    facets.any_shape && facets.refs.is_empty() && matches!(property.ty, Type::Scalar(_))
}

/// The Rust type of a scalar.
pub fn scalar_type(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::String => "String",
        Scalar::Bool => "bool",
        Scalar::Int => "i64",
        Scalar::Float => "f64",
        Scalar::Json => "synth::Json",
    }
}
