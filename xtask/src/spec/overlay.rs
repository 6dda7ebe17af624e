//! What aws-service-spec adds: what `Ref` returns, relationships, tag forms, stateful types and
//! ARN templates.

use std::collections::BTreeMap;

use cloudwright_spec::{Fields, Property, Resource, TagShape, Type};
use serde_json::Value;

use super::facets::merge_refs;

/// The graph database, indexed by type name.
pub(crate) struct Overlay {
    resources: BTreeMap<&'static str, &'static Value>,
    types: BTreeMap<&'static str, &'static Value>,
}

impl Overlay {
    /// Indexes the database.
    pub(crate) fn new(database: &'static Value) -> Self {
        let index = |table: &str, key: &str| {
            let entities = database["schema"][table]["entities"].as_array();
            let named = |entity: &'static Value| Some((entity.get(key)?.as_str()?, entity));
            entities.into_iter().flatten().filter_map(named).collect()
        };
        Overlay {
            resources: index("resource", "cloudFormationType"),
            types: index("typeDefinition", "$id"),
        }
    }

    /// The attributes that the database lists for the type.
    pub(crate) fn attributes(&self, type_name: &str) -> Vec<&'static str> {
        let entity = self.resources.get(type_name);
        let attributes = entity.and_then(|entity| entity["attributes"].as_object());
        attributes
            .into_iter()
            .flat_map(|map| map.keys())
            .map(String::as_str)
            .collect()
    }

    /// Lays what is known about the type over `resource`.
    pub(crate) fn apply(&self, resource: &mut Resource<'static>) {
        let Some(entity) = self.resources.get(resource.type_name).copied() else {
            return;
        };
        resource.stateful = entity["isStateful"] == Value::Bool(true);
        resource.arn = entity["arnTemplate"].as_str();
        apply_ref(resource, entity);
        apply_tags(resource, entity);
        let mut refs = Vec::new();
        self.refs(resource, None, entity, &mut refs, 0);
        for (owner, name, targets) in refs {
            if let Some(property) = property_mut(resource, owner, name) {
                let merged = merge_refs(std::mem::take(&mut property.facets.refs), targets);
                property.facets.refs = merged;
            }
        }
    }

    /// The top-level properties that the database has and the resource does not: neither to set
    /// nor to read. Both sources describe the same types, so that there should be next to none.
    pub(crate) fn missing(&self, resource: &Resource<'static>) -> Vec<&'static str> {
        let entity = self.resources.get(resource.type_name);
        let properties = entity.and_then(|entity| entity["properties"].as_object());
        let names = properties
            .into_iter()
            .flat_map(|map| map.keys())
            .map(String::as_str);
        let is_known = |name: &str| {
            resource.fields.property(name).is_some() || resource.attribute(name).is_some()
        };
        names.filter(|name| !is_known(name)).collect()
    }

    /// Finds the relationships of `entity`'s properties, which belong to the struct `owner`.
    fn refs(
        &self,
        resource: &Resource<'static>,
        owner: Option<&'static str>,
        entity: &'static Value,
        found: &mut Vec<Relationship>,
        depth: usize,
    ) {
        for (name, property) in entity["properties"].as_object().into_iter().flatten() {
            let Some(own) = fields(resource, owner).and_then(|fields| fields.property(name)) else {
                continue;
            };
            let targets = targets(property);
            if !targets.is_empty() {
                found.push((owner, own.name, targets));
            }
            let nested = self.nested(&property["type"]);
            if let (Some(nested), Type::Named(inner)) = (nested, own.ty.leaf())
                && depth < 6
            {
                self.refs(resource, Some(inner), nested, found, depth + 1);
            }
        }
    }

    /// The type definition that a property's type leads to.
    fn nested(&self, ty: &'static Value) -> Option<&'static Value> {
        if let Some(id) = ty["reference"]["$ref"].as_str() {
            return self.types.get(id).copied();
        }
        ty.get("element").and_then(|element| self.nested(element))
    }
}

type Relationship = (Option<&'static str>, &'static str, Vec<&'static str>);

/// Where `Ref` is the identifier that the schema names, nothing needs to be said.
fn apply_ref(resource: &mut Resource<'static>, entity: &'static Value) {
    let list = entity["cfnRefIdentifier"].as_array().into_iter().flatten();
    let ref_id: Vec<&'static str> = list.filter_map(Value::as_str).collect();
    if ref_id != resource.id {
        resource.ref_id = ref_id;
    }
}

/// The form of the tags; the property must be one that the schema has.
fn apply_tags(resource: &mut Resource<'static>, entity: &'static Value) {
    if let Some(tags) = &mut resource.tags
        && entity["tagInformation"]["tagPropertyName"].as_str() == Some(tags.property)
        && entity["tagInformation"]["variant"] == "asg"
    {
        tags.shape = TagShape::Asg;
    }
}

fn targets(property: &'static Value) -> Vec<&'static str> {
    let target = |relation: &'static Value| {
        let (ty, name) = (&relation["cloudFormationType"], &relation["propertyName"]);
        let dotted = format!("{}.{}", ty.as_str()?, name.as_str()?.replace('/', "."));
        Some(&*dotted.leak())
    };
    property["relationshipRefs"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(target)
        .collect()
}

fn fields<'r>(resource: &'r Resource<'static>, owner: Option<&str>) -> Option<&'r Fields<'static>> {
    match owner {
        None => Some(&resource.fields),
        Some(owner) => resource.structure(owner).map(|item| &item.fields),
    }
}

fn property_mut<'r>(
    resource: &'r mut Resource<'static>,
    owner: Option<&str>,
    name: &str,
) -> Option<&'r mut Property<'static>> {
    let fields = match owner {
        None => &mut resource.fields,
        Some(owner) => {
            &mut resource
                .structs
                .iter_mut()
                .find(|item| item.name == owner)?
                .fields
        }
    };
    fields
        .properties
        .iter_mut()
        .find(|property| property.name == name)
}
