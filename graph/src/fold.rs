//! In which box a construct is: at a coarser level, what belongs to another is within its box.
//!
//! Belonging is being inside: `Jobs/DeadLetterQueue` belongs to `Jobs`. Two things belong to something that they are not
//! inside: a role that one resource acts as, and an alarm on what it watches.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::Level;
use crate::nodes::type_name;
use crate::source::Source;
use crate::verbs::WATCHES;

/// Where constructs are drawn.
pub(crate) struct Fold<'a> {
    source: &'a Source,
    all: &'a BTreeSet<String>,
    level: Level,
    /// Roles that one construct acts as, with that construct.
    actors: BTreeMap<String, String>,
    /// What alarms watch.
    watched: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Fold<'a> {
    pub(crate) fn new(source: &'a Source, all: &'a BTreeSet<String>, level: Level) -> Self {
        let mut watched: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for fact in source.facts.iter().filter(|fact| fact.verb == WATCHES) {
            watched.entry(&fact.from).or_default().insert(&fact.to);
        }
        Self {
            source,
            all,
            level,
            actors: actors(source, all),
            watched,
        }
    }

    /// The level that is drawn.
    pub(crate) const fn level(&self) -> Level {
        self.level
    }

    /// What is drawn.
    pub(crate) const fn source(&self) -> &'a Source {
        self.source
    }

    /// The boxes that stand for a construct: none for what is not drawn; several for an alarm on several things.
    pub(crate) fn boxes(&self, path: &str) -> BTreeSet<String> {
        match self.level {
            Level::Full => self.own(path).into_iter().collect(),
            _ => match self.watched.get(path) {
                Some(watched) => watched.iter().filter_map(|path| self.outer(path)).collect(),
                None => self.outer(path).into_iter().collect(),
            },
        }
    }

    /// The innermost box around a path, itself included; a role's box is who acts as it.
    fn own(&self, path: &str) -> Option<String> {
        let path = around(path).find(|path| self.all.contains(*path))?;
        Some(
            self.actors
                .get(path)
                .map_or(path, String::as_str)
                .to_owned(),
        )
    }

    /// The box at a coarser level.
    fn outer(&self, path: &str) -> Option<String> {
        let own = self.own(path)?;
        if self.is_outside(&own) {
            return Some(own);
        }
        let place = match self.level {
            Level::Overview => self.top(&own),
            _ => around(&own).filter(|path| self.all.contains(*path)).last(),
        };
        // What its box acts as, may be somebody else's.
        let place = place.unwrap_or(&own);
        Some(
            self.actors
                .get(place)
                .map_or(place, String::as_str)
                .to_owned(),
        )
    }

    /// Somebody outside is in no other box.
    fn is_outside(&self, path: &str) -> bool {
        crate::nodes::endpoint(self.source, path).is_some()
    }

    /// The construct right below the stack; places that only give names do not count.
    fn top<'b>(&self, path: &'b str) -> Option<&'b str> {
        let stack = &self.source.stack_of(path)?.path;
        let below = around(path).filter(|path| path.len() > stack.len());
        let real = below.filter(|path| !is_place(self.source, path));
        real.last()
    }
}

/// Whether a construct only gives others a path.
pub(crate) fn is_place(source: &Source, path: &str) -> bool {
    source.resource(path).is_none()
        && matches!(&*type_name(source, path), "Place" | "Construct" | "")
}

/// A path and all above it, the innermost first.
pub(crate) fn around(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        path.rsplit_once('/').map(|(above, _)| above)
    })
}

/// The properties by which a resource acts as a role.
const ROLES: [&str; 4] = ["ExecutionRoleArn", "Role", "RoleArn", "TaskRoleArn"];

/// The property by which servers act as the role of a profile.
const PROFILE: &str = "IamInstanceProfile";

/// Roles that one construct alone acts as.
pub(crate) fn actors(source: &Source, all: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for stack in &source.stacks {
        let ids: BTreeMap<_, _> = all
            .iter()
            .filter(|path| {
                source
                    .stack_of(path)
                    .is_some_and(|of| of.path == stack.path)
            })
            .filter_map(|path| Some((source.resource(path)?.1.as_str(), path)))
            .collect();
        for (id, resource) in stack.template["Resources"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let Some(actor) = ids.get(id.as_str()) else {
                continue;
            };
            let mut roles = BTreeSet::new();
            roles_in(&resource["Properties"], &stack.template, &mut roles);
            for role in roles.iter().filter_map(|role| ids.get(role)) {
                found
                    .entry((*role).clone())
                    .or_default()
                    .insert((*actor).clone());
            }
        }
    }
    let alone = found.into_iter().filter(|(_, actors)| actors.len() == 1);
    alone
        .filter_map(|(role, actors)| Some((role, actors.into_iter().next()?)))
        .collect()
}

/// The logical ids of the roles that properties name, themselves or by an instance profile of the template.
fn roles_in<'v>(value: &'v Value, template: &'v Value, found: &mut BTreeSet<&'v str>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if ROLES.contains(&key.as_str()) {
                    found.extend(value["Fn::GetAtt"][0].as_str());
                }
                if key == PROFILE {
                    let id = value["Arn"]["Fn::GetAtt"][0]
                        .as_str()
                        .or(value["Name"]["Ref"].as_str());
                    let profile = &template["Resources"][id.unwrap_or_default()]["Properties"];
                    found.extend(profile["Roles"][0]["Ref"].as_str());
                }
                roles_in(value, template, found);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| roles_in(item, template, found)),
        _ => {}
    }
}
