//! Which optional properties of an object to set, so that its rules hold.

use std::collections::BTreeSet;

use cloudwright_spec::{Fields, Number, Rule};

use super::random::Random;

/// The properties to set: the required ones, what the rules ask for, and, once in `rarity`, each
/// of the others that goes with them. `usable` says which properties a value exists for.
pub fn choose<'a>(
    fields: &'a Fields<'a>,
    rarity: Option<usize>,
    usable: &mut dyn FnMut(&str) -> bool,
    random: &mut Random,
) -> BTreeSet<&'a str> {
    let required = fields
        .properties
        .iter()
        .filter(|property| property.required);
    let mut chosen: BTreeSet<&str> = required.map(|property| property.name).collect();
    if is_tag(fields) {
        chosen.extend(TAG);
    }
    for rule in &fields.rules {
        if let Rule::Xor(alternatives) | Rule::Any(alternatives) = rule
            && !holds(rule, &chosen)
        {
            let mut fits = |group: &&Vec<&'a str>| {
                group.iter().all(|name| usable(name)) && allowed(fields, &with(&chosen, group))
            };
            if let Some(group) = alternatives.iter().find(&mut fits) {
                chosen = close(fields, with(&chosen, group));
            }
        }
    }
    let limit = bound(fields.members.max).unwrap_or(usize::MAX);
    let least = bound(fields.members.min).unwrap_or(0);
    for property in &fields.properties {
        let wanted = chosen.len() < least || rarity.is_some_and(|rarity| random.once_in(rarity));
        if wanted && usable(property.name) {
            let more = close(fields, with(&chosen, &[property.name]));
            let complete = fields.rules.iter().all(|rule| holds(rule, &more));
            let usable = more
                .iter()
                .all(|name| chosen.contains(name) || usable(name));
            if complete && usable && more.len() <= limit {
                chosen = more;
            }
        }
    }
    chosen
}

fn bound(number: Option<Number>) -> Option<usize> {
    match number? {
        Number::Int(count) => usize::try_from(count).ok(),
        Number::Float(_) => None,
    }
}

const TAG: [&str; 2] = ["Key", "Value"];

/// A tag has both parts, also where the schema does not say so.
fn is_tag(fields: &Fields<'_>) -> bool {
    fields
        .properties
        .iter()
        .map(|property| property.name)
        .eq(TAG)
}

fn with<'a>(chosen: &BTreeSet<&'a str>, more: &[&'a str]) -> BTreeSet<&'a str> {
    chosen.iter().chain(more).copied().collect()
}

/// Adds what the chosen ones require.
fn close<'a>(fields: &Fields<'a>, mut chosen: BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    loop {
        let before = chosen.len();
        for rule in &fields.rules {
            if let Rule::Requires(first, others) = rule
                && chosen.contains(first)
            {
                chosen.extend(others);
            }
        }
        if chosen.len() == before {
            return chosen;
        }
    }
}

/// Whether no rule forbids these; alternatives that are still missing may come.
fn allowed(fields: &Fields<'_>, chosen: &BTreeSet<&str>) -> bool {
    fields.rules.iter().all(|rule| match rule {
        Rule::Xor(alternatives) => present(alternatives, chosen) <= 1,
        Rule::Excludes(..) => holds(rule, chosen),
        Rule::Any(_) | Rule::Requires(..) => true,
    })
}

fn holds(rule: &Rule<'_>, chosen: &BTreeSet<&str>) -> bool {
    match rule {
        Rule::Xor(alternatives) => present(alternatives, chosen) == 1,
        Rule::Any(alternatives) => present(alternatives, chosen) > 0,
        Rule::Excludes(first, others) => {
            !chosen.contains(first) || others.iter().all(|other| !chosen.contains(other))
        }
        Rule::Requires(first, others) => {
            !chosen.contains(first) || others.iter().all(|other| chosen.contains(other))
        }
    }
}

fn present(alternatives: &[Vec<&str>], chosen: &BTreeSet<&str>) -> usize {
    let complete = |group: &&Vec<&str>| group.iter().all(|name| chosen.contains(name));
    alternatives.iter().filter(complete).count()
}
