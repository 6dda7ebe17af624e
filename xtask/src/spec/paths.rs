//! Property paths of a provider schema, such as `/properties/Rules/*/Id`.

use std::collections::BTreeMap;

use cloudwright_spec::{Property, Resource, Type};
use serde_json::Value;

/// The property names along a path; list and map steps are left out.
pub(crate) type Steps = Vec<&'static str>;

/// The paths listed under `key`.
pub(crate) fn listed(schema: &'static Value, key: &str) -> Vec<Steps> {
    let list = schema[key].as_array().into_iter().flatten();
    list.filter_map(Value::as_str)
        .map(steps)
        .filter(|steps| !steps.is_empty())
        .collect()
}

/// The paths listed under `key` that no list or map lies on, dotted.
pub(crate) fn dotted(schema: &'static Value, key: &str) -> Vec<String> {
    let list = schema[key]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let plain = list.filter(|path| !path.split('/').any(is_element));
    plain
        .map(|path| steps(path).join("."))
        .filter(|path| !path.is_empty())
        .collect()
}

/// Splits a path into property names.
pub(crate) fn steps(path: &'static str) -> Steps {
    let inner = path.strip_prefix("/properties/").unwrap_or(path);
    let parts = inner.split('/').filter(|part| !is_element(part));
    parts
        .filter(|part| !part.is_empty() && *part != "properties")
        .collect()
}

fn is_element(part: &str) -> bool {
    matches!(
        part,
        "*" | "items" | "Items" | "patternProperties" | "additionalProperties" | ".*" | "[^.]+"
    )
}

/// How often the property at the end of `steps` is meant, among the places its struct is used.
pub(crate) struct Mark {
    /// The struct, or `None` for the resource itself.
    pub(crate) owner: Option<&'static str>,
    /// The property.
    pub(crate) property: &'static str,
    /// Whether every place is meant.
    pub(crate) everywhere: bool,
}

/// Finds the properties that `paths` name.
pub(crate) fn marks(resource: &Resource<'static>, paths: &[Steps]) -> Vec<Mark> {
    let mut hits: BTreeMap<(Option<&'static str>, &'static str), usize> = BTreeMap::new();
    for steps in paths {
        if let Some(key) = owner_of(resource, steps) {
            *hits.entry(key).or_default() += 1;
        }
    }
    let mut places = Places::new(resource);
    let mark = |((owner, property), count): ((Option<&'static str>, &'static str), usize)| {
        let everywhere = owner.is_none_or(|name| count >= places.count(name));
        Mark {
            owner,
            property,
            everywhere,
        }
    };
    hits.into_iter().map(mark).collect()
}

fn owner_of(
    resource: &Resource<'static>,
    steps: &Steps,
) -> Option<(Option<&'static str>, &'static str)> {
    let (last, parents) = steps.split_last()?;
    let mut owner = None;
    for parent in parents {
        let property = property(resource, owner, parent)?;
        owner = Some(struct_name(property)?);
    }
    property(resource, owner, last).map(|property| (owner, property.name))
}

fn property<'r>(
    resource: &'r Resource<'static>,
    owner: Option<&str>,
    name: &str,
) -> Option<&'r Property<'static>> {
    match owner {
        None => resource.fields.property(name),
        Some(owner) => resource.structure(owner)?.fields.property(name),
    }
}

fn struct_name(property: &Property<'static>) -> Option<&'static str> {
    match property.ty.leaf() {
        Type::Named(name) => Some(name),
        _ => None,
    }
}

/// In how many places of the resource each struct is used; recursion counts as endless.
struct Places {
    users: BTreeMap<&'static str, Vec<Option<&'static str>>>,
    counted: BTreeMap<&'static str, Option<usize>>,
}

const ENDLESS: usize = usize::MAX;

impl Places {
    fn new(resource: &Resource<'static>) -> Self {
        let mut users: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let top = resource
            .fields
            .properties
            .iter()
            .map(|property| (None, property));
        let nested = resource.structs.iter().flat_map(|item| {
            item.fields
                .properties
                .iter()
                .map(move |property| (Some(item.name), property))
        });
        for (owner, property) in top.chain(nested) {
            if let Some(name) = struct_name(property) {
                users.entry(name).or_default().push(owner);
            }
        }
        Places {
            users,
            counted: BTreeMap::new(),
        }
    }

    fn count(&mut self, name: &'static str) -> usize {
        match self.counted.get(name) {
            Some(Some(count)) => return *count,
            Some(None) => return ENDLESS,
            None => self.counted.insert(name, None),
        };
        let users = self.users.get(name).cloned().unwrap_or_default();
        let count = users
            .into_iter()
            .map(|user| user.map_or(1, |user| self.count(user)));
        let count = count.fold(0, usize::saturating_add);
        self.counted.insert(name, Some(count));
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "resource AWS::T::A
  First Shared
  Other Inner
  Second [Shared
  struct Inner
    Name string
  struct Shared
    Name string
";

    #[test]
    fn paths_lose_their_list_steps() {
        assert_eq!(steps("/properties/Rules/*/Id"), ["Rules", "Id"]);
        assert_eq!(steps("/properties/A/items/properties/B"), ["A", "B"]);
    }

    #[test]
    fn a_struct_used_in_two_places_is_meant_only_in_some() {
        let resource = cloudwright_spec::parse_resource(TEXT).unwrap();
        let everywhere = |paths: &[&'static str]| {
            let paths: Vec<Steps> = paths.iter().map(|path| steps(path)).collect();
            marks(&resource, &paths)
                .iter()
                .map(|mark| mark.everywhere)
                .collect::<Vec<_>>()
        };
        assert_eq!(everywhere(&["/properties/First/Name"]), [false]);
        assert_eq!(
            everywhere(&["/properties/First/Name", "/properties/Second/*/Name"]),
            [true]
        );
        assert_eq!(everywhere(&["/properties/Other/Name"]), [true]);
        assert_eq!(everywhere(&["/properties/First"]), [true]);
        assert!(everywhere(&["/properties/None/Name"]).is_empty());
    }
}
