//! The type of a property: from a schema node to a scalar, list, map, closed set or struct.

use std::borrow::Cow;
use std::collections::BTreeMap;

use cloudwright_spec::{Facets, Fields, Property, Scalar, Type};
use serde_json::{Map, Value};

use super::facets;
use super::names::{Names, singular};
use super::structs::{Merged, merged};
use super::view::View;

/// A type with what else is known about it.
pub(crate) type Shape = (Type<'static>, Facets<'static>);

/// Converts the schema of one resource type, collecting its nested types on the way.
pub(crate) struct Converter {
    /// The schema.
    pub(crate) root: &'static Value,
    /// The structs met so far; `None` while one is being converted, which ends recursion.
    pub(crate) structs: BTreeMap<&'static str, Option<Fields<'static>>>,
    /// The closed sets that have a name.
    pub(crate) enums: BTreeMap<&'static str, Vec<Cow<'static, str>>>,
    names: Names,
    depth: usize,
}

/// Lists within lists deeper than this only occur where a definition contains itself.
const MAX_DEPTH: usize = 24;

impl Converter {
    /// Starts with nothing converted.
    pub(crate) fn new(root: &'static Value) -> Self {
        let definitions = root["definitions"].as_object();
        let names = Names::with_definitions(definitions.into_iter().flat_map(Map::keys));
        Converter {
            root,
            structs: BTreeMap::new(),
            enums: BTreeMap::new(),
            names,
            depth: 0,
        }
    }

    /// Converts the property `name` of `owner`.
    pub(crate) fn property(
        &mut self,
        owner: &str,
        name: &'static str,
        node: &'static Value,
    ) -> Property<'static> {
        let (ty, facets) = self.shape(owner, name, node);
        Property {
            name,
            required: false,
            ty,
            facets,
        }
    }

    /// Converts a node in the place `property` of `owner`.
    pub(crate) fn shape(&mut self, owner: &str, property: &str, node: &'static Value) -> Shape {
        if self.depth > MAX_DEPTH {
            return free_json();
        }
        self.depth += 1;
        let shape = self.view_shape(owner, property, &View::new(self.root, node));
        self.depth -= 1;
        shape
    }

    fn view_shape(&mut self, owner: &str, property: &str, view: &View) -> Shape {
        let types = view.types();
        if is_union(&types) {
            return self.union(owner, property, view, &types);
        }
        match types
            .first()
            .copied()
            .unwrap_or_else(|| self.implied_type(view))
        {
            "object" => self.object(owner, property, view),
            "array" => self.list(owner, property, view),
            "boolean" => scalar(view, Scalar::Bool),
            "integer" => scalar(view, Scalar::Int),
            "number" => scalar(view, Scalar::Float),
            "string" => self.text(view),
            "alternatives" => self.alternatives(owner, property, view),
            _ => free_json(),
        }
    }

    /// What a node without `type` is.
    fn implied_type(&self, view: &View) -> &'static str {
        let has = |keys: &[&str]| keys.iter().any(|key| view.first(key).is_some());
        if has(&["properties", "patternProperties"]) {
            "object"
        } else if has(&["items"]) {
            "array"
        } else if has(&[
            "enum",
            "enumCaseInsensitive",
            "const",
            "pattern",
            "maxLength",
        ]) {
            "string"
        } else if self
            .branch_views(view)
            .iter()
            .any(|branch| !says_nothing(branch))
        {
            "alternatives"
        } else if has(&["format", "relationshipRef", "anyOf"]) {
            "string"
        } else {
            "anything"
        }
    }

    fn branch_views(&self, view: &View) -> Vec<View> {
        view.branches()
            .into_iter()
            .map(|branch| View::new(self.root, branch))
            .collect()
    }

    /// A node whose form is only in its alternatives: the structured ones win, since text is
    /// accepted where an object is wanted by whoever writes the template by hand.
    fn alternatives(&mut self, owner: &str, property: &str, view: &View) -> Shape {
        let branches = self.branch_views(view);
        let mut kinds: Vec<&str> = branches
            .iter()
            .flat_map(|branch| self.kinds(branch))
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds == ["struct"] {
            return self.structure(owner, property, view);
        }
        if let Some(list) = branches
            .iter()
            .find(|branch| self.kinds(branch) == ["array"])
        {
            let (ty, facets) = self.list(owner, property, list);
            return (
                ty,
                Facets {
                    loose: kinds.len() > 1,
                    ..facets
                },
            );
        }
        match kinds.as_slice() {
            ["object", "string"] => (Type::Scalar(Scalar::Json), Facets::default()),
            kinds if kinds.contains(&"string") => self.loose_text(kinds),
            ["integer" | "number", ..] => scalar(view, Scalar::Float),
            _ => free_json(),
        }
    }

    fn kinds(&self, view: &View) -> Vec<&'static str> {
        let types = view.types();
        let first = if types.is_empty() {
            vec![self.implied_type(view)]
        } else {
            types
        };
        let is_struct = first == ["object"] && !is_map(view) && self.has_members(view);
        if is_struct { vec!["struct"] } else { first }
    }

    fn loose_text(&self, kinds: &[&str]) -> Shape {
        let scalars = ["boolean", "integer", "number", "string"];
        let any_shape = kinds.iter().any(|kind| !scalars.contains(kind));
        (
            Type::Scalar(Scalar::String),
            Facets {
                any_shape,
                ..Facets::default()
            },
        )
    }

    /// A union that holds text is text, because everything can be written as text and a token
    /// of text must be acceptable; only object-or-text is free JSON.
    fn union(&mut self, owner: &str, property: &str, view: &View, types: &[&str]) -> Shape {
        let has = |kind: &str| types.contains(&kind);
        let number = has("integer") || has("number");
        if has("object") && has("string") && !number && !has("boolean") && !has("array") {
            return scalar(view, Scalar::Json);
        }
        if has("string") {
            return self.loose_text(types);
        }
        match types.iter().find(|kind| **kind != "null") {
            Some(&"array") => self.list(owner, property, view),
            Some(&"boolean") if !number => scalar(view, Scalar::Bool),
            _ if number && !has("object") && !has("array") => scalar(view, Scalar::Float),
            _ => free_json(),
        }
    }

    fn text(&mut self, view: &View) -> Shape {
        let Some(values) = closed_set(view) else {
            let (ty, mut facets) = scalar(view, Scalar::String);
            facets.any_shape = view.types().is_empty();
            return (ty, facets);
        };
        let inline = Type::OneOf(values.clone());
        let facets = facets::collect(view, &inline, Facets::default());
        let Some(definition) = view.name else {
            return (inline, facets);
        };
        let name = self.names.definition(definition);
        if self.structs.contains_key(name) {
            return (inline, facets);
        }
        self.enums.insert(name, values);
        (Type::Named(name), facets)
    }

    fn list(&mut self, owner: &str, property: &str, view: &View) -> Shape {
        let (element, inner) = match view.first("items") {
            Some(items) => self.element(owner, property, view, items),
            None => free_json(),
        };
        self.close_by_position(&element, view);
        let ty = Type::List(Box::new(element));
        let facets = facets::collect(view, &ty, inner);
        (ty, facets)
    }

    /// An anonymous element of a list or map that has a definition takes the definition's name,
    /// so that it is one type wherever the definition is used.
    fn element(
        &mut self,
        owner: &str,
        property: &str,
        container: &View,
        node: &'static Value,
    ) -> Shape {
        if self.depth > MAX_DEPTH {
            return free_json();
        }
        self.depth += 1;
        let mut view = View::new(self.root, node);
        view.name = view.name.or(container.name);
        let shape = self.view_shape(owner, &singular(property), &view);
        self.depth -= 1;
        shape
    }

    /// `prefixItems` gives a value per position (the key types of a table); their set is closed.
    fn close_by_position(&mut self, element: &Type<'static>, view: &View) {
        let Type::Named(name) = element else { return };
        let Some(Some(fields)) = self.structs.get_mut(name) else {
            return;
        };
        let positions = view
            .all("prefixItems")
            .filter_map(Value::as_array)
            .flatten();
        let members = positions
            .filter_map(|node| node["properties"].as_object())
            .flatten();
        for (member, node) in members {
            let property = fields
                .properties
                .iter_mut()
                .find(|property| property.name == member);
            let (Some(property), Some(value)) = (property, node["const"].as_str()) else {
                continue;
            };
            let value = Cow::Borrowed(value);
            match &mut property.ty {
                Type::OneOf(values) if !values.contains(&value) => values.push(value),
                Type::Scalar(Scalar::String) => property.ty = Type::OneOf(vec![value]),
                _ => {}
            }
        }
    }

    fn object(&mut self, owner: &str, property: &str, view: &View) -> Shape {
        if let Some(values) = map_values(view) {
            return self.map(owner, property, view, &values);
        }
        if self.has_members(view) {
            return self.structure(owner, property, view);
        }
        let json = Type::Scalar(Scalar::Json);
        let facets = facets::collect(view, &json, Facets::default());
        (
            json,
            Facets {
                object_only: true,
                ..facets
            },
        )
    }

    /// Whether an object lists its properties, or refuses all of them.
    fn has_members(&self, view: &View) -> bool {
        let lists = |view: &View| view.first("properties").is_some();
        lists(view)
            || view.first("additionalProperties") == Some(&Value::Bool(false))
            || self.branch_views(view).iter().any(lists)
    }

    fn map(
        &mut self,
        owner: &str,
        property: &str,
        view: &View,
        values: &[&'static Value],
    ) -> Shape {
        let mut shapes = values
            .iter()
            .map(|value| self.element(owner, property, view, value));
        let first = shapes.next().unwrap_or_else(free_json);
        let (element, inner) = shapes.fold(first, |one, other| either_shape(one, &other));
        let ty = Type::Map(Box::new(element));
        let mut facets = facets::collect(view, &ty, inner);
        facets.keys = facets::keys(view);
        (ty, facets)
    }

    fn structure(&mut self, owner: &str, property: &str, view: &View) -> Shape {
        let name = match view.name {
            Some(definition) => self.names.definition(definition),
            None => self.names.anonymous(owner, property),
        };
        if !self.structs.contains_key(name) {
            self.structs.insert(name, None);
            let fields = self.fields(name, view);
            self.structs.insert(name, Some(fields));
        }
        let ty = Type::Named(name);
        let facets = facets::collect(view, &ty, Facets::default());
        (ty, facets)
    }

    /// The members of an object, those of its alternatives included.
    pub(crate) fn fields(&mut self, owner: &str, view: &View) -> Fields<'static> {
        let Merged {
            properties,
            required,
            open,
            rules,
        } = merged(self.root, view);
        let members = facets::range(view, "minProperties", "maxProperties");
        let convert = |(name, nodes): (&'static str, Vec<&'static Value>)| {
            let shapes = nodes.iter().map(|node| self.property(owner, name, node));
            let mut property = shapes.reduce(either)?;
            property.required = required.contains(name);
            Some(property)
        };
        let properties = properties.into_iter().filter_map(convert).collect();
        Fields {
            properties,
            rules,
            open,
            members,
        }
    }
}

/// Values that key patterns describe differently: their common type, or anything.
fn either_shape(one: Shape, other: &Shape) -> Shape {
    match (one.0 == other.0, one.1 == other.1) {
        (true, true) => one,
        (true, false) => (one.0, Facets::default()),
        _ => free_json(),
    }
}

/// A property that alternatives describe differently.
fn either(one: Property<'static>, other: Property<'static>) -> Property<'static> {
    if one == other {
        return one;
    }
    let ty = match (one.ty, other.ty) {
        (Type::OneOf(mut values), Type::OneOf(more)) => {
            values.extend(more);
            values.sort_unstable();
            values.dedup();
            return Property {
                ty: Type::OneOf(values),
                ..other
            };
        }
        (ty, _) => ty,
    };
    Property {
        ty,
        facets: Facets {
            any_shape: true,
            ..Facets::default()
        },
        ..other
    }
}

fn scalar(view: &View, scalar: Scalar) -> Shape {
    let ty = Type::Scalar(scalar);
    let facets = facets::collect(view, &ty, Facets::default());
    (ty, facets)
}

fn free_json() -> Shape {
    (
        Type::Scalar(Scalar::Json),
        Facets {
            any_shape: true,
            ..Facets::default()
        },
    )
}

fn is_union(types: &[&str]) -> bool {
    types.len() > 1
}

/// Formats, patterns and required sets do not give a form.
fn says_nothing(view: &View) -> bool {
    let form = ["type", "properties", "patternProperties", "items", "$ref"];
    !form.iter().any(|key| view.first(key).is_some())
}

fn is_map(view: &View) -> bool {
    map_values(view).is_some()
}

/// The schemas of the values, when the object is a map.
fn map_values(view: &View) -> Option<Vec<&'static Value>> {
    if view
        .first("properties")
        .is_some_and(|properties| properties != &Value::Object(Map::new()))
    {
        return None;
    }
    let patterns = view.first("patternProperties").and_then(Value::as_object);
    if let Some(patterns) = patterns {
        return Some(patterns.values().collect());
    }
    view.first("additionalProperties")
        .filter(|value| value.is_object())
        .map(|value| vec![value])
}

/// The closed set of texts, if there is one.
fn closed_set(view: &View) -> Option<Vec<Cow<'static, str>>> {
    let keys = ["enum", "enumCaseInsensitive"];
    let list = keys
        .iter()
        .find_map(|key| view.first(key))
        .and_then(Value::as_array);
    let values = match (list, view.text("const")) {
        (Some(list), _) => list.iter().filter_map(Value::as_str).collect(),
        (None, Some(only)) => vec![only],
        (None, None) => Vec::new(),
    };
    let values: Vec<_> = values.into_iter().map(Cow::Borrowed).collect();
    (!values.is_empty()).then_some(values)
}
