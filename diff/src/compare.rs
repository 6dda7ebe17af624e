//! The comparison itself: sections and resources, then what their changes mean.

use cloudwright_spec::sorted::{self, Set, sort_by};
use serde_json::{Map, Value};

use crate::data;
use crate::facts::{self, Facts, SpecLookup};
use crate::iam;
use crate::model::{Action, Change, Diff, ElementChange, Replacement, ResourceChange, Section};
use crate::names;
use crate::network;
use crate::rename::{self, Renames};
use crate::replacement;
use crate::values::{canonical, differences};

/// The sections that hold named elements.
const SECTIONS: [(&str, Section); 5] = [
    ("Parameters", Section::Parameters),
    ("Rules", Section::Rules),
    ("Mappings", Section::Mappings),
    ("Conditions", Section::Conditions),
    ("Outputs", Section::Outputs),
];
/// The sections that are one value.
const WHOLE_SECTIONS: [(&str, Section); 3] = [
    ("Description", Section::Description),
    ("Transform", Section::Transform),
    ("Metadata", Section::Metadata),
];

/// The resources, or other named elements, of a template by their names.
pub(crate) type Elements<'v> = sorted::Map<&'v str, &'v Value>;

/// Compares two templates. Anything that is no object counts as an empty template, so that a new
/// stack is compared with `Value::Null`.
#[must_use]
pub fn compare(old: &Value, new: &Value, spec: SpecLookup<'_>) -> Diff {
    let (old, new) = (canonical(old, ""), canonical(new, ""));
    let (old_resources, new_resources) = (resources(&old), resources(&new));
    let renames = rename::find(&old_resources, &new_resources);
    let old = rename::follow(&old, &renames);
    let old_resources = resources(&old);
    let mut facts = Facts::new(spec);
    let mut changes = all_resources(&old_resources, &new_resources, &renames, &mut facts);
    replacement::propagate(&mut changes, &new_resources, &mut facts);
    data::mark(&mut changes, &old_resources, &new_resources, &mut facts);
    Diff {
        resources: changes,
        elements: elements(&old, &new),
        permissions: iam::changes(&old_resources, &new_resources),
        network: network::changes(&old_resources, &new_resources),
    }
}

/// The resources of a template, without the loops that stand among them.
fn resources(template: &Value) -> Elements<'_> {
    members(template, "Resources", |id| !is_loop(id))
}

fn is_loop(id: &str) -> bool {
    id.starts_with("Fn::")
}

fn all_resources(
    old: &Elements<'_>,
    new: &Elements<'_>,
    renames: &Renames,
    facts: &mut Facts<'_>,
) -> Vec<ResourceChange> {
    let mut changes: Vec<ResourceChange> = all_names(old, new)
        .into_iter()
        .filter_map(|id| resource(id, bodies(old, new, id), facts))
        .collect();
    for (old_id, new_id) in renames {
        let body = new[new_id.as_str()];
        let mut change = ResourceChange::new(new_id, kind(Some(body)), Action::Rename);
        mark_renamed(&mut change, old_id, body, facts);
        // Nothing but the order of a list can differ in the body of a renamed resource.
        changes.retain(|other| other.id != *new_id);
        changes.push(change);
    }
    sort_by(&mut changes, |a, b| a.id.cmp(&b.id));
    changes
}

fn mark_renamed(change: &mut ResourceChange, old_id: &str, body: &Value, facts: &mut Facts<'_>) {
    change.old_id = Some(old_id.to_owned());
    change.replacement = Replacement::Yes;
    change.because.push(format!("the logical id was {old_id}"));
    let facts = facts.of(&change.kind);
    if let Some(name) = facts.and_then(|facts| names::fixed(facts, body, body)) {
        change.replacement = Replacement::Impossible;
        change.because.push(in_the_way(name));
    }
}

fn in_the_way(name: &str) -> String {
    format!("{name} is fixed, so the new one cannot exist beside the old one: change the name too")
}

fn kind(resource: Option<&Value>) -> &str {
    resource
        .and_then(|body| body["Type"].as_str())
        .unwrap_or_default()
}

fn resource(
    id: &str,
    bodies: (Option<&Value>, Option<&Value>),
    facts: &mut Facts<'_>,
) -> Option<ResourceChange> {
    match bodies {
        (Some(old), Some(new)) => modified(id, old, new, facts),
        (Some(old), None) => Some(ResourceChange::new(id, kind(Some(old)), Action::Remove)),
        (None, new) => {
            let mut change = ResourceChange::new(id, kind(new), Action::Add);
            change.properties = differences(None, new.and_then(|body| body.get("Properties")), "");
            Some(change)
        }
    }
}

fn modified(id: &str, old: &Value, new: &Value, facts: &mut Facts<'_>) -> Option<ResourceChange> {
    if old == new {
        return None;
    }
    let mut change = ResourceChange::new(id, kind(Some(new)), Action::Modify);
    let none = Value::Object(Map::new());
    let [before, after] = [old, new].map(|body| body.get("Properties").unwrap_or(&none));
    change.properties = differences(Some(before), Some(after), "");
    change.attributes = attributes(old, new);
    if change.properties.is_empty() && change.attributes.is_empty() {
        return None;
    }
    if old["Type"] != new["Type"] {
        change.replacement = Replacement::Impossible;
        let sentence = "the type of a logical id cannot change: give the resource another id";
        change.because.push(sentence.to_owned());
    } else if let Some(facts) = facts.of(&change.kind) {
        judge(&mut change, facts, (old, new));
    }
    Some(change)
}

/// Decides for each changed property, and for the resource, whether it is replaced.
fn judge(
    change: &mut ResourceChange,
    facts: &cloudwright_spec::Resource<'_>,
    (old, new): (&Value, &Value),
) {
    for property in &mut change.properties {
        property.replacement = facts::replacement(facts, &property.path);
        change.replacement = change.replacement.max(property.replacement);
    }
    let decisive = change.properties.iter();
    let decisive = decisive.filter(|property| property.replacement != Replacement::No);
    change.because = decisive.map(|property| property.path.clone()).collect();
    if change.replacement == Replacement::Yes
        && let Some(name) = names::fixed(facts, old, new)
    {
        change.replacement = Replacement::Impossible;
        change.because.push(in_the_way(name));
    }
}

/// The changes of everything of a resource but its properties.
fn attributes(old: &Value, new: &Value) -> Vec<Change> {
    let without_properties = |body: &Value| {
        let mut body = body.clone();
        if let Some(members) = body.as_object_mut() {
            members.remove("Properties");
        }
        body
    };
    differences(
        Some(&without_properties(old)),
        Some(&without_properties(new)),
        "",
    )
}

fn elements(old: &Value, new: &Value) -> Vec<ElementChange> {
    let mut changes = Vec::new();
    for (name, section) in WHOLE_SECTIONS {
        let changed = differences(old.get(name), new.get(name), "");
        changes.extend(element(
            section,
            "",
            (old.get(name), new.get(name)),
            changed,
        ));
    }
    for (name, section) in SECTIONS {
        let [old, new] = [old, new].map(|template| members(template, name, |_| true));
        changes.extend(named(section, &old, &new));
    }
    let [old, new] = [old, new].map(|template| members(template, "Resources", is_loop));
    changes.extend(named(Section::Other, &old, &new));
    sort_by(&mut changes, |a, b| {
        (a.section, &a.name).cmp(&(b.section, &b.name))
    });
    changes
}

/// The elements of a section whose names are meant.
fn members<'v>(template: &'v Value, section: &str, is_meant: fn(&str) -> bool) -> Elements<'v> {
    let members = template.get(section).and_then(Value::as_object);
    let members = members.into_iter().flatten();
    let members = members.map(|(name, body)| (name.as_str(), body));
    members.filter(|(name, _)| is_meant(name)).collect()
}

fn named(section: Section, old: &Elements<'_>, new: &Elements<'_>) -> Vec<ElementChange> {
    let change = |name: &str| {
        let bodies = bodies(old, new, name);
        element(section, name, bodies, differences(bodies.0, bodies.1, ""))
    };
    all_names(old, new).into_iter().filter_map(change).collect()
}

/// Every name of either side.
fn all_names<'v>(old: &Elements<'v>, new: &Elements<'v>) -> Set<&'v str> {
    old.keys().chain(new.keys()).copied().collect()
}

/// What a name has on each side.
fn bodies<'v>(
    old: &Elements<'v>,
    new: &Elements<'v>,
    name: &str,
) -> (Option<&'v Value>, Option<&'v Value>) {
    (old.get(name).copied(), new.get(name).copied())
}

fn element(
    section: Section,
    name: &str,
    bodies: (Option<&Value>, Option<&Value>),
    changes: Vec<Change>,
) -> Option<ElementChange> {
    let action = match bodies {
        (None, _) => Action::Add,
        (_, None) => Action::Remove,
        _ => Action::Modify,
    };
    (!changes.is_empty()).then(|| ElementChange {
        section,
        name: name.to_owned(),
        action,
        changes,
    })
}
