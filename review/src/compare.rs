//! From two assemblies to a review.

use std::collections::BTreeMap;
use std::sync::Arc;

use cloudwright_diff::{Diff, SpecLookup, compare};
use cloudwright_graph::{Graph, Level, Source, Stack};
use cloudwright_spec::sorted::{Map, Set, sort_by};
use serde_json::{Value, json};

use crate::access::{self, Tense};
use crate::baseline::{Baseline, Before};
use crate::findings;
use crate::model::{Resource, Review, StackReview, Status};
use crate::names::{Known, Names};

/// Up to so many boxes, a picture shows each; one of more shows a box for each construct of a stack.
const BOXES: usize = 160;

impl Review {
    /// Reviews an assembly: what it is, or what it changes of a baseline. `spec` finds the facts about a type.
    #[must_use]
    pub fn new(now: &Source, baseline: Option<&Baseline>, spec: SpecLookup<'_>) -> Self {
        let before = baseline.map(|baseline| &baseline.before);
        let was = before.and_then(Before::source);
        let sources: Vec<&Source> = [Some(now), was].into_iter().flatten().collect();
        let known = Known::new(&sources);
        let mut stacks: Vec<StackReview> = now
            .stacks
            .iter()
            .map(|stack| {
                let (status, diff) = differences(stack, before, spec);
                let tense = match before {
                    Some(_) => Tense::Change,
                    None => Tense::State,
                };
                let names = known.of_stack(&stack.path);
                reviewed(stack, (status, diff), (&sources, &names, tense))
            })
            .collect();
        stacks.extend(gone(now, was));
        sort_by(&mut stacks, |a, b| a.path.cmp(&b.path));
        Self {
            baseline: baseline.map(|baseline| baseline.name.clone()),
            picture: picture(now, was, &stacks, before.is_some()),
            findings: findings::of(&now.document),
            unknown: unknown(&stacks, spec),
            stacks,
        }
    }
}

/// What became of a stack, and how it differs.
fn differences(stack: &Stack, before: Option<&Before>, spec: SpecLookup<'_>) -> (Status, Diff) {
    let found = |old: &Value| {
        let diff = compare(old, &stack.template, spec);
        let status = match diff.is_empty() {
            true => Status::Unchanged,
            false => Status::Changed,
        };
        (status, diff)
    };
    let nothing = || compare(&json!({}), &stack.template, spec);
    match before {
        None => {
            // Nothing is new, but who may do what is worth a look.
            let all = nothing();
            let diff = Diff {
                permissions: all.permissions,
                network: all.network,
                ..Diff::default()
            };
            (Status::Unchanged, diff)
        }
        Some(Before::Template(path, template)) => {
            match path.as_ref().is_none_or(|path| *path == stack.path) {
                true => found(template),
                false => (Status::Unchanged, Diff::default()),
            }
        }
        Some(Before::Deployed(templates)) => match templates.get(stack.path.as_str()) {
            Some(Value::Null) => (Status::Added, nothing()),
            Some(template) => found(template),
            None => (Status::Unchanged, Diff::default()),
        },
        Some(Before::Assembly(source)) => {
            match source.stacks.iter().find(|old| is_same(old, stack)) {
                Some(old) => found(&old.template),
                None => (Status::Added, nothing()),
            }
        }
    }
}

/// Whether a stack is the same: by its path, or else by its name in its environment.
fn is_same(old: &Stack, new: &Stack) -> bool {
    let place = |stack: &Stack| (stack.account.clone(), stack.region.clone());
    let is_named = !old.is_nested && !new.is_nested && old.name == new.name;
    old.path == new.path || is_named && place(old) == place(new)
}

/// The stacks that are no more.
fn gone(now: &Source, was: Option<&Source>) -> Vec<StackReview> {
    let was = was.map_or(&[][..], |was| &was.stacks);
    let gone = was
        .iter()
        .filter(|old| !now.stacks.iter().any(|new| is_same(old, new)));
    gone.map(|old| StackReview {
        path: old.path.clone(),
        name: old.name.clone(),
        place: place(old),
        status: Status::Removed,
        resources: Vec::new(),
        diff: Diff::default(),
        access: Vec::new(),
        template: Arc::default(),
    })
    .collect()
}

fn place(stack: &Stack) -> String {
    let known = [&stack.account, &stack.region].into_iter().flatten();
    known.cloned().collect::<Vec<_>>().join("/")
}

fn reviewed(
    stack: &Stack,
    (status, diff): (Status, Diff),
    (sources, names, tense): (&[&Source], &Names<'_>, Tense),
) -> StackReview {
    StackReview {
        path: stack.path.clone(),
        name: stack.name.clone(),
        place: place(stack),
        status,
        resources: resources(stack, &diff, sources),
        access: access::sentences(&diff, names, tense),
        diff,
        template: stack.template.clone(),
    }
}

/// The resources of a stack, and those that leave it; in the order of their paths.
fn resources(stack: &Stack, diff: &Diff, sources: &[&Source]) -> Vec<Resource> {
    let places: Map<&str, usize> = diff
        .resources
        .iter()
        .enumerate()
        .map(|(place, change)| (change.id.as_str(), place))
        .collect();
    let mut paths: BTreeMap<&str, (&str, Option<&String>)> = BTreeMap::new();
    for source in sources {
        for (path, construct) in &source.constructs {
            let Some((_, id)) = &construct.resource else {
                continue;
            };
            let is_here = source
                .stack_of(path)
                .is_some_and(|of| of.path == stack.path);
            if is_here {
                paths.entry(id).or_insert((path, source.lines.get(path)));
            }
        }
    }
    let here = stack.template["Resources"]
        .as_object()
        .into_iter()
        .flatten();
    let here = here.map(|(id, body)| (id.as_str(), body["Type"].as_str().unwrap_or_default()));
    let removed = diff.resources.iter();
    let removed = removed.map(|change| (change.id.as_str(), change.kind.as_str()));
    let all: Map<&str, &str> = here.chain(removed).collect();
    let mut resources: Vec<Resource> = all
        .iter()
        .map(|(id, kind)| {
            let (path, line) = paths.get(id).copied().unwrap_or((id, None));
            Resource {
                path: path.to_owned(),
                id: (*id).to_owned(),
                kind: (*kind).to_owned(),
                line: line.cloned(),
                change: places.get(id).copied(),
            }
        })
        .collect();
    sort_by(&mut resources, |a, b| a.path.cmp(&b.path));
    resources
}

/// The picture. With a baseline, what is new, other or gone is marked.
fn picture(now: &Source, was: Option<&Source>, stacks: &[StackReview], compared: bool) -> Graph {
    let mut graph = Graph::new(now, Level::System);
    if graph.nodes.len() > BOXES {
        graph = Graph::new(now, Level::Overview);
    }
    let changed = stacks.iter().flat_map(|stack| {
        let resources = stack.resources.iter();
        resources.filter(|resource| resource.change.is_some())
    });
    let changed: Set<&str> = changed.map(|resource| resource.path.as_str()).collect();
    let is_changed = |path: &str| {
        let within = |other: &&str| {
            let rest = other.strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        changed.as_slice().iter().any(within)
    };
    match (was, compared) {
        (Some(was), _) => graph.since((was, now), &is_changed),
        // What was in a template has no box, but what is other now has.
        (None, true) => graph.changed(&is_changed),
        (None, false) => graph,
    }
}

/// The types of changed resources of which nothing is known.
fn unknown(stacks: &[StackReview], spec: SpecLookup<'_>) -> Vec<String> {
    use cloudwright_diff::Action;
    let changes = stacks.iter().flat_map(|stack| &stack.diff.resources);
    let changed = changes.filter(|change| change.action != Action::Add);
    let kinds: Set<&String> = changed.map(|change| &change.kind).collect();
    let kinds = kinds.into_vec().into_iter();
    kinds
        .filter(|kind| kind.starts_with("AWS::") && spec(kind).is_none())
        .cloned()
        .collect()
}
