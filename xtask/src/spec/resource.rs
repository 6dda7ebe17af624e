//! One provider schema to one resource type of the model.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use cloudwright_spec::{Enum, Fields, Property, Replace, Resource, Struct, TagShape, Tags, Type};
use serde_json::Value;

use super::attributes;
use super::facets;
use super::paths::{self, Mark, Steps};
use super::pattern;
use super::rules;
use super::shape::Converter;
use super::view::View;

/// Converts the schema of `type_name`; `known_attributes` are those that another source lists.
pub(crate) fn convert(
    type_name: &'static str,
    schema: &'static Value,
    known_attributes: &[&str],
) -> Resource<'static> {
    let mut converter = Converter::new(schema);
    let read_only = paths::listed(schema, "readOnlyProperties");
    let fields = top_level(type_name, schema, &mut converter, &read_only);
    let attributes = attributes::collect(schema, &mut converter, known_attributes);
    let mut resource = Resource {
        type_name,
        id: dotted(schema, "primaryIdentifier"),
        tags: tags(schema, &fields),
        deprecated: sorted(dotted(schema, "deprecatedProperties")),
        fields,
        attributes,
        ..Resource::default()
    };
    take_nested(&mut resource, converter);
    remove_read_only(&mut resource, &read_only);
    mark_facets(&mut resource, schema);
    drop_unreachable(&mut resource);
    inline_single_enums(&mut resource);
    each_property(&mut resource, |property| {
        pattern::rewrite(&mut property.facets);
    });
    resource
}

fn each_property(resource: &mut Resource<'static>, mut visit: impl FnMut(&mut Property<'static>)) {
    let nested = resource
        .structs
        .iter_mut()
        .flat_map(|item| item.fields.properties.iter_mut());
    resource
        .fields
        .properties
        .iter_mut()
        .chain(nested)
        .for_each(&mut visit);
}

fn sorted(mut names: Vec<&'static str>) -> Vec<&'static str> {
    names.sort_unstable();
    names
}

fn dotted(schema: &'static Value, key: &str) -> Vec<&'static str> {
    paths::dotted(schema, key)
        .into_iter()
        .map(|path| &*path.leak())
        .collect()
}

/// The settable properties. Only the top-level `required` list (and that of `allOf`) is
/// unconditional; alternatives become rules.
fn top_level(
    type_name: &str,
    schema: &'static Value,
    converter: &mut Converter,
    read_only: &[Steps],
) -> Fields<'static> {
    let view = View::new(schema, schema);
    let owner = type_name.rsplit("::").next().unwrap_or(type_name);
    let required: BTreeSet<_> = view
        .all("required")
        .flat_map(|list| rules::names(Some(list)))
        .collect();
    let is_read_only = |name: &'static str| read_only.iter().any(|steps| *steps == [name]);
    let mut properties = Vec::new();
    let nodes: BTreeMap<&'static str, &'static Value> = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(k, v)| (&**k, v))
        .collect();
    for (name, node) in nodes.into_iter().filter(|(name, _)| !is_read_only(name)) {
        let property = converter.property(owner, name, node);
        properties.push(Property {
            required: required.contains(name),
            ..property
        });
    }
    let open = schema.get("patternProperties").is_some()
        || schema.get("additionalProperties") != Some(&Value::Bool(false));
    Fields {
        properties,
        rules: rules::collect(schema, &view, true),
        open,
        members: facets::range(&view, "minProperties", "maxProperties"),
    }
}

fn tags(schema: &'static Value, fields: &Fields<'static>) -> Option<Tags<'static>> {
    if schema["tagging"]["taggable"] == Value::Bool(false) {
        return None;
    }
    let path = schema["tagging"]["tagProperty"]
        .as_str()
        .unwrap_or("/properties/Tags");
    let property = fields.property(path.strip_prefix("/properties/")?)?;
    let shape = match property.ty {
        Type::Map(_) => TagShape::Map,
        Type::List(_) => TagShape::List,
        _ => return None,
    };
    Some(Tags {
        property: property.name,
        shape,
    })
}

fn take_nested(resource: &mut Resource<'static>, converter: Converter) {
    let structs = converter.structs.into_iter();
    let structs = structs.map(|(name, fields)| Struct {
        name,
        fields: fields.unwrap_or_default(),
    });
    resource.structs = structs.collect();
    let enums = converter
        .enums
        .into_iter()
        .map(|(name, values)| Enum { name, values });
    resource.enums = enums.collect();
}

/// Takes nested read-only properties out, where that is so in every place of their struct; one
/// that is required there stays.
fn remove_read_only(resource: &mut Resource<'static>, read_only: &[Steps]) {
    let marks = paths::marks(resource, read_only);
    for mark in marks.iter().filter(|mark| mark.everywhere) {
        if let Some(fields) = fields_mut(resource, mark) {
            fields
                .properties
                .retain(|property| property.required || property.name != mark.property);
        }
    }
}

fn fields_mut<'r>(
    resource: &'r mut Resource<'static>,
    mark: &Mark,
) -> Option<&'r mut Fields<'static>> {
    let Some(owner) = mark.owner else {
        return Some(&mut resource.fields);
    };
    let item = resource.structs.iter_mut().find(|item| item.name == owner);
    item.map(|item| &mut item.fields)
}

fn mark_facets(resource: &mut Resource<'static>, schema: &'static Value) {
    let always = paths::listed(schema, "createOnlyProperties");
    let maybe = paths::listed(schema, "conditionalCreateOnlyProperties");
    let write_only = paths::listed(schema, "writeOnlyProperties");
    each_marked(resource, &maybe, |property, _| {
        property.facets.replace = Replace::Maybe;
    });
    each_marked(resource, &always, |property, everywhere| {
        property.facets.replace = if everywhere {
            Replace::Always
        } else {
            Replace::Maybe
        };
    });
    each_marked(resource, &write_only, |property, everywhere| {
        property.facets.write_only = everywhere;
    });
}

fn each_marked(
    resource: &mut Resource<'static>,
    paths: &[Steps],
    set: impl Fn(&mut Property<'static>, bool),
) {
    for mark in paths::marks(resource, paths) {
        let fields = fields_mut(resource, &mark).into_iter();
        let mut properties = fields.flat_map(|fields| fields.properties.iter_mut());
        if let Some(property) = properties.find(|property| property.name == mark.property) {
            set(property, mark.everywhere);
        }
    }
}

/// Keeps only the structs and enums that settable properties lead to.
fn drop_unreachable(resource: &mut Resource<'static>) {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&'static str> = named(&resource.fields).collect();
    while let Some(name) = open.pop() {
        if reached.insert(name)
            && let Some(item) = resource.structure(name)
        {
            open.extend(named(&item.fields));
        }
    }
    resource.structs.retain(|item| reached.contains(item.name));
    resource.enums.retain(|item| reached.contains(item.name));
}

fn named<'f>(fields: &'f Fields<'static>) -> impl Iterator<Item = &'static str> + 'f {
    fields
        .properties
        .iter()
        .filter_map(|property| match property.ty.leaf() {
            Type::Named(name) => Some(*name),
            _ => None,
        })
}

/// A closed set that one property uses is written at the property.
fn inline_single_enums(resource: &mut Resource<'static>) {
    let all =
        std::iter::once(&resource.fields).chain(resource.structs.iter().map(|item| &item.fields));
    let mut uses: BTreeMap<&'static str, usize> = BTreeMap::new();
    for name in all.flat_map(named) {
        *uses.entry(name).or_default() += 1;
    }
    let (shared, single): (Vec<_>, Vec<_>) = std::mem::take(&mut resource.enums)
        .into_iter()
        .partition(|item| uses[item.name] > 1);
    resource.enums = shared;
    let single: BTreeMap<_, _> = single
        .into_iter()
        .map(|item| (item.name, item.values))
        .collect();
    let nested = resource
        .structs
        .iter_mut()
        .flat_map(|item| item.fields.properties.iter_mut());
    for property in resource.fields.properties.iter_mut().chain(nested) {
        inline(&mut property.ty, &single);
    }
}

fn inline(ty: &mut Type<'static>, single: &BTreeMap<&'static str, Vec<Cow<'static, str>>>) {
    match ty {
        Type::List(inner) | Type::Map(inner) => inline(inner, single),
        Type::Named(name) => {
            if let Some(values) = single.get(name) {
                *ty = Type::OneOf(values.clone());
            }
        }
        _ => {}
    }
}
