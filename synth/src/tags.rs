//! Tags that apply to all that lies below a construct.

use cloudwright_spec::sorted::{sort, sort_by};

use crate::json::{Json, Text};
use crate::tree::{ResourceData, Tree};

/// A tag and the resources that it is for.
///
/// Where several rules set one key, the higher priority wins, then the nearer construct. A tag that
/// the resource itself states always wins.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a rule does nothing until it is passed to `tag_where`"]
pub struct TagRule {
    key: Text,
    value: Text,
    priority: u16,
    only: Vec<Text>,
    except: Vec<Text>,
}

impl TagRule {
    /// A tag for every taggable resource.
    pub fn new(key: impl Into<Text>, value: impl Into<Text>) -> Self {
        let (key, value) = (key.into(), value.into());
        Self {
            key,
            value,
            priority: 100,
            only: Vec::new(),
            except: Vec::new(),
        }
    }

    /// Only for resources of these types, such as `AWS::SQS::Queue`.
    pub fn only<T: Into<Text>>(mut self, types: impl IntoIterator<Item = T>) -> Self {
        self.only.extend(types.into_iter().map(Into::into));
        self
    }

    /// Not for resources of these types.
    pub fn except<T: Into<Text>>(mut self, types: impl IntoIterator<Item = T>) -> Self {
        self.except.extend(types.into_iter().map(Into::into));
        self
    }

    /// Which rule wins; 100 unless said.
    pub const fn priority(mut self, priority: u16) -> Self {
        self.priority = priority;
        self
    }

    pub(crate) const fn key(&self) -> &Text {
        &self.key
    }

    pub(crate) const fn value(&self) -> &Text {
        &self.value
    }

    fn applies_to(&self, kind: &str) -> bool {
        let included = self.only.is_empty() || self.only.iter().any(|only| only == kind);
        included && !self.except.iter().any(|except| except == kind)
    }
}

/// How a resource type writes its tags.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    List,
    Map,
    AutoScaling,
}

/// Writes the tags of all rules into the resources that they apply to.
pub(crate) fn apply(tree: &mut Tree) {
    if tree.nodes.iter().all(|node| node.tags.is_empty()) {
        return;
    }
    for index in 0..tree.nodes.len() as u32 {
        let Some((property, shape)) = tree.resource(index).and_then(tag_property) else {
            continue;
        };
        let tags = inherited(tree, index);
        if let Some(resource) = tree.resource_mut(index).filter(|_| !tags.is_empty()) {
            write(resource, property, shape, tags);
        }
    }
}

/// The property that holds the tags of this type, from its facts.
fn tag_property(resource: &ResourceData) -> Option<(&'static str, Shape)> {
    let line = resource
        .spec
        .lines()
        .find_map(|line| line.strip_prefix("  tags "))?;
    let (property, shape) = line.split_once(' ').unwrap_or((line, "list"));
    let shape = match shape.trim() {
        "map" => Shape::Map,
        "asg" => Shape::AutoScaling,
        _ => Shape::List,
    };
    Some((property, shape))
}

/// The tags for a resource from its construct and all above it, sorted by key.
fn inherited(tree: &Tree, index: u32) -> Vec<(Text, Text)> {
    let kind = tree
        .resource(index)
        .map(|resource| resource.kind.clone())
        .unwrap_or_default();
    let mut chosen: Vec<&TagRule> = Vec::new();
    let mut at = index;
    loop {
        let node = tree.node(at);
        for rule in node.tags.iter().rev().filter(|rule| rule.applies_to(&kind)) {
            match chosen.iter_mut().find(|other| other.key == rule.key) {
                Some(other) if rule.priority > other.priority => *other = rule,
                Some(_) => {}
                None => chosen.push(rule),
            }
        }
        if at == 0 {
            break;
        }
        at = node.parent;
    }
    let mut tags: Vec<_> = chosen
        .into_iter()
        .map(|rule| (rule.key.clone(), rule.value.clone()))
        .collect();
    sort(&mut tags);
    tags
}

fn write(
    resource: &mut ResourceData,
    property: &'static str,
    shape: Shape,
    tags: Vec<(Text, Text)>,
) {
    let position = resource.props.iter().position(|(name, _)| name == property);
    let stated = match position {
        Some(position) => resource.props.remove(position).1,
        None if shape == Shape::Map => Json::Map(Vec::new()),
        None => Json::List(Vec::new()),
    };
    let merged = match stated {
        Json::List(mut items) => {
            let fresh = tags
                .into_iter()
                .filter(|(key, _)| !states(&items, key))
                .collect::<Vec<_>>();
            items.extend(
                fresh
                    .into_iter()
                    .map(|(key, value)| item(key, value, shape)),
            );
            sort_by(&mut items, |a, b| key_of(a).cmp(&key_of(b)));
            Json::List(items)
        }
        Json::Map(mut members) => {
            for (key, value) in tags {
                if !members.iter().any(|(name, _)| *name == key) {
                    members.push((key, Json::Text(value)));
                }
            }
            Json::Map(members)
        }
        token => token,
    };
    resource.props.push((property.into(), merged));
}

fn key_of(item: &Json) -> Option<&str> {
    item.get("Key").and_then(Json::as_text)
}

fn states(items: &[Json], key: &str) -> bool {
    items.iter().any(|item| key_of(item) == Some(key))
}

fn item(key: Text, value: Text, shape: Shape) -> Json {
    let mut item = Json::map([("Key", Json::Text(key)), ("Value", Json::Text(value))]);
    if shape == Shape::AutoScaling {
        item.set("PropagateAtLaunch", Json::Bool(true));
    }
    item
}
