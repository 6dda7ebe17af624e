//! What a spec file says, as plain data. Names, patterns and templates borrow the file's text.

use std::borrow::Cow;
use std::fmt;

/// The facts of one service: one `<Service>.spec` file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service<'a> {
    /// The comment lines at the top (source versions), without their `#`.
    pub header: Vec<&'a str>,
    /// The resource types, sorted by name.
    pub resources: Vec<Resource<'a>>,
}

impl<'a> Service<'a> {
    /// Returns the resource type with this CloudFormation name.
    #[must_use]
    pub fn resource(&self, type_name: &str) -> Option<&Resource<'a>> {
        self.resources
            .iter()
            .find(|resource| resource.type_name == type_name)
    }
}

/// One resource type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource<'a> {
    /// Its CloudFormation name, such as `AWS::SQS::Queue`.
    pub type_name: &'a str,
    /// The properties that make up the primary identifier, in order.
    pub id: Vec<&'a str>,
    /// What `Ref` returns, where that is not the primary identifier.
    pub ref_id: Vec<&'a str>,
    /// The property that takes the tags, and its shape.
    pub tags: Option<Tags<'a>>,
    /// Whether deleting the resource loses data.
    pub stateful: bool,
    /// The template of its ARN, such as `arn:${Partition}:sqs:...`.
    pub arn: Option<&'a str>,
    /// Where the type exists.
    pub regions: Regions<'a>,
    /// Properties, by path, that AWS asks not to use any more.
    pub deprecated: Vec<&'a str>,
    /// The settable properties and the rules between them.
    pub fields: Fields<'a>,
    /// What `Fn::GetAtt` can read, sorted by name.
    pub attributes: Vec<Attribute<'a>>,
    /// The closed value sets that more than one property uses, sorted by name.
    pub enums: Vec<Enum<'a>>,
    /// The nested property types, sorted by name.
    pub structs: Vec<Struct<'a>>,
}

impl<'a> Resource<'a> {
    /// Returns the nested property type of this name.
    #[must_use]
    pub fn structure(&self, name: &str) -> Option<&Struct<'a>> {
        let found = self.structs.binary_search_by(|item| item.name.cmp(name));
        found.ok().map(|index| &self.structs[index])
    }

    /// Returns the shared closed value set of this name.
    #[must_use]
    pub fn enumeration(&self, name: &str) -> Option<&Enum<'a>> {
        let found = self.enums.binary_search_by(|item| item.name.cmp(name));
        found.ok().map(|index| &self.enums[index])
    }

    /// Returns the attribute of this (possibly dotted) name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        let found = self.attributes.binary_search_by(|item| item.name.cmp(name));
        found.ok().map(|index| &self.attributes[index])
    }
}

/// The tag property of a resource type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tags<'a> {
    /// The property's name.
    pub property: &'a str,
    /// The form in which it takes tags.
    pub shape: TagShape,
}

/// The form in which a resource type takes tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagShape {
    /// A list of `Key` and `Value` objects.
    List,
    /// A map from key to value.
    Map,
    /// A list of `Key`, `Value` and `PropagateAtLaunch` objects (Auto Scaling groups).
    Asg,
}

/// Where a resource type exists, among the regions the source lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Regions<'a> {
    /// In every listed region.
    #[default]
    All,
    /// In these regions only.
    OnlyIn(Vec<&'a str>),
    /// In every listed region but these.
    NotIn(Vec<&'a str>),
}

/// The members of a resource type or of a nested property type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields<'a> {
    /// The settable properties, sorted by name.
    pub properties: Vec<Property<'a>>,
    /// Which of them go together.
    pub rules: Vec<Rule<'a>>,
    /// Whether other properties are accepted as well.
    pub open: bool,
    /// How many properties may be present.
    pub members: Range,
}

impl<'a> Fields<'a> {
    /// Returns the property of this name.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Property<'a>> {
        let found = self.properties.binary_search_by(|item| item.name.cmp(name));
        found.ok().map(|index| &self.properties[index])
    }
}

/// Which properties of one object go together. An alternative is a group of properties that
/// must all be present for it to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule<'a> {
    /// Exactly one of the alternatives.
    Xor(Vec<Vec<&'a str>>),
    /// At least one of the alternatives.
    Any(Vec<Vec<&'a str>>),
    /// When the first is present, none of the others may be.
    Excludes(&'a str, Vec<&'a str>),
    /// When the first is present, all of the others must be.
    Requires(&'a str, Vec<&'a str>),
}

/// A nested property type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Struct<'a> {
    /// Its name, unique within the resource type.
    pub name: &'a str,
    /// Its properties and the rules between them.
    pub fields: Fields<'a>,
}

/// A closed set of string values that more than one property uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enum<'a> {
    /// Its name, unique within the resource type.
    pub name: &'a str,
    /// The values, in the source's order.
    pub values: Vec<Cow<'a, str>>,
}

/// Something `Fn::GetAtt` can read.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute<'a> {
    /// Its name; nested attributes are dotted (`Endpoint.Address`).
    pub name: &'a str,
    /// Its type.
    pub ty: Type<'a>,
}

/// A settable property.
#[derive(Clone, Debug, PartialEq)]
pub struct Property<'a> {
    /// Its exact key.
    pub name: &'a str,
    /// Whether the enclosing object must have it.
    pub required: bool,
    /// Its type.
    pub ty: Type<'a>,
    /// What else is known about it.
    pub facets: Facets<'a>,
}

/// The type of a property or attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Type<'a> {
    /// A scalar, or free JSON.
    Scalar(Scalar),
    /// One of the resource's enums or nested property types.
    Named(&'a str),
    /// One of these strings; the set belongs to this property alone.
    OneOf(Vec<Cow<'a, str>>),
    /// A list.
    List(Box<Type<'a>>),
    /// A map with string keys.
    Map(Box<Type<'a>>),
}

impl<'a> Type<'a> {
    /// Returns the type without its list and map layers.
    #[must_use]
    pub fn leaf(&self) -> &Type<'a> {
        match self {
            Type::List(inner) | Type::Map(inner) => inner.leaf(),
            other => other,
        }
    }
}

/// Scalars and free JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// Text.
    String,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// An object of any form, or the same as text (a policy document, for example).
    Json,
}

/// What is known about a property beside its type. The facets of a list or map apply to its
/// innermost element, but for `items`, `unique` and those that speak about the property itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facets<'a> {
    /// Whether changing it replaces the resource.
    pub replace: Replace,
    /// Whether it can be set but never read back.
    pub write_only: bool,
    /// Whether the source also accepts any other form (a widened union).
    pub any_shape: bool,
    /// Whether the same holds for the list or map as a whole.
    pub loose: bool,
    /// Whether free JSON must be an object, not text.
    pub object_only: bool,
    /// Whether its closed value set ignores case.
    pub ignore_case: bool,
    /// The length of text in characters, or the value of a number.
    pub range: Range,
    /// How many elements the list or map may have.
    pub items: Range,
    /// Whether the elements of the list must differ.
    pub unique: bool,
    /// The members in which the list's objects must differ.
    pub unique_by: Vec<&'a str>,
    /// Closed set of numbers.
    pub values: Vec<Number>,
    /// What it refers to, such as `AWS::IAM::Role.Arn`; several are alternatives.
    pub refs: Vec<&'a str>,
    /// Whether its text must have the form of one of `refs`, where that form is known.
    pub formed: bool,
    /// Other forms of which its text must have one: `date-time`, `ipv4-network`, `ipv6-network`.
    pub forms: Vec<&'a str>,
    /// The value when it is absent, as JSON text.
    pub default: Option<Cow<'a, str>>,
    /// The form of the map's keys.
    pub keys: Option<Pattern<'a>>,
    /// The form of its text.
    pub pattern: Option<Pattern<'a>>,
}

/// Whether changing a property replaces the resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replace {
    /// It is updated in place.
    #[default]
    Never,
    /// Under some conditions.
    Maybe,
    /// Always.
    Always,
}

/// The form of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern<'a> {
    /// Character classes with counts, checked without a regular expression engine.
    Chars(&'a str),
    /// A regular expression as the source has it.
    Regex(&'a str),
}

/// Inclusive bounds; either may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// The lowest allowed.
    pub min: Option<Number>,
    /// The highest allowed.
    pub max: Option<Number>,
}

impl Range {
    /// Whether nothing is bounded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.min.is_none() && self.max.is_none()
    }
}

/// A number as the source writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A fraction.
    Float(f64),
}

impl Number {
    /// The number as a float, for comparisons.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn as_f64(self) -> f64 {
        match self {
            Number::Int(int) => int as f64,
            Number::Float(float) => float,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(int) => int.fmt(f),
            Number::Float(float) => write!(f, "{float:?}"),
        }
    }
}
