//! A finished template: what one stack is deployed from.

use serde_core::ser::{Serialize, SerializeMap, Serializer};

use crate::diagnostic::SourceLocation;
use crate::json::{Json, Text};

/// The format that every template declares.
const FORMAT_VERSION: &str = "2010-09-09";

/// A template in which every reference is resolved. Two runs of one program yield equal templates.
#[derive(Clone, Default)]
pub struct Template {
    pub(crate) description: Option<Text>,
    pub(crate) transforms: Vec<Text>,
    pub(crate) metadata: Json,
    pub(crate) parameters: Section,
    pub(crate) rules: Section,
    pub(crate) mappings: Section,
    pub(crate) conditions: Section,
    pub(crate) resources: Vec<TemplateResource>,
    pub(crate) loops: Section,
    pub(crate) outputs: Section,
}

/// Named entries of a template section, in the order of the construct tree.
pub(crate) type Section = Vec<(Text, Json)>;

/// A resource of a template, and where it comes from.
#[derive(Clone)]
pub struct TemplateResource {
    pub(crate) id: Text,
    pub(crate) node: u32,
    pub(crate) kind: Text,
    pub(crate) spec: &'static str,
    pub(crate) path: String,
    pub(crate) location: SourceLocation,
    pub(crate) depends_on: Vec<Text>,
    pub(crate) properties: Json,
    /// The attributes beside `Type`, `DependsOn` and `Properties`, in the order they are written.
    pub(crate) attributes: Vec<(Text, Json)>,
}

impl Default for Json {
    fn default() -> Self {
        Self::Map(Vec::new())
    }
}

impl Template {
    /// The resources, in the order of the construct tree.
    pub fn resources(&self) -> impl Iterator<Item = &TemplateResource> {
        self.resources.iter()
    }

    /// The outputs, by logical id.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.outputs.iter().map(|(id, output)| (&**id, output))
    }

    /// The resource with a logical id.
    #[must_use]
    pub fn resource(&self, id: &str) -> Option<&TemplateResource> {
        self.resources.iter().find(|resource| resource.id == id)
    }

    /// The output with a logical id, as its JSON object.
    #[must_use]
    pub fn output(&self, id: &str) -> Option<&Json> {
        self.outputs
            .iter()
            .find(|(name, _)| name == id)
            .map(|(_, output)| output)
    }

    /// The template as it is written to the assembly: indented JSON and a final line feed.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

impl TemplateResource {
    /// The logical id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The CloudFormation type.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Whether deleting it loses data, as the facts about its type say.
    #[must_use]
    pub fn is_stateful(&self) -> bool {
        cloudwright_spec::parse_resource(self.spec).is_ok_and(|facts| facts.stateful)
    }

    /// The form of its ARN, such as `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`, when the facts say it.
    #[must_use]
    pub fn arn_format(&self) -> Option<&'static str> {
        let (_, rest) = self.spec.split_once("\n  arn ")?;
        rest.lines().next()
    }

    /// The path of the construct that the resource comes from.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The line of the user's program that made the resource.
    #[must_use]
    pub const fn location(&self) -> SourceLocation {
        self.location
    }

    /// The properties, with references as intrinsic functions.
    #[must_use]
    pub const fn properties(&self) -> &Json {
        &self.properties
    }

    /// The logical ids of the resources that this one states it waits for.
    #[must_use]
    pub fn depends_on(&self) -> &[Text] {
        &self.depends_on
    }

    /// A resource attribute such as `DeletionPolicy`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Json> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("AWSTemplateFormatVersion", FORMAT_VERSION)?;
        if let Some(description) = &self.description {
            map.serialize_entry("Description", description)?;
        }
        match &self.transforms[..] {
            [] => {}
            [single] => map.serialize_entry("Transform", single)?,
            several => map.serialize_entry("Transform", several)?,
        }
        if self.metadata != Json::default() {
            map.serialize_entry("Metadata", &self.metadata)?;
        }
        for (name, section) in [
            ("Parameters", &self.parameters),
            ("Rules", &self.rules),
            ("Mappings", &self.mappings),
            ("Conditions", &self.conditions),
        ] {
            if !section.is_empty() {
                map.serialize_entry(name, &Entries(section))?;
            }
        }
        map.serialize_entry("Resources", &Resources(self))?;
        if !self.outputs.is_empty() {
            map.serialize_entry("Outputs", &Entries(&self.outputs))?;
        }
        map.end()
    }
}

struct Entries<'a>(&'a Section);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

struct Resources<'a>(&'a Template);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        for resource in &self.0.resources {
            map.serialize_entry(&resource.id, resource)?;
        }
        for (name, arguments) in &self.0.loops {
            map.serialize_entry(&format!("Fn::ForEach::{name}"), arguments)?;
        }
        map.end()
    }
}

impl Serialize for TemplateResource {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("Type", &self.kind)?;
        match &self.depends_on[..] {
            [] => {}
            [single] => map.serialize_entry("DependsOn", single)?,
            several => map.serialize_entry("DependsOn", several)?,
        }
        if self.properties != Json::default() {
            map.serialize_entry("Properties", &self.properties)?;
        }
        for (name, value) in &self.attributes {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
