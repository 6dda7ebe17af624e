//! What people call a resource, and which deployed resource that is.

use std::collections::VecDeque;

use cloudwright_diff::nearest;

use crate::assembly::{Assembly, NESTED, Stack};
use crate::cloud::{Clock, Formation};
use crate::fault::Fault;
use crate::pace::patiently;
use crate::problem::Problem;

/// The last part of the path of a resource that is the heart of its construct.
const HEART: &str = "/Resource";

/// A resource of a template, as people may name it.
#[derive(Clone, Debug)]
pub struct Named<'a> {
    /// The stack.
    pub stack: &'a Stack,
    /// The logical id.
    pub id: &'a str,
    /// The construct path of the resource.
    pub path: &'a str,
}

/// A resource that is deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The logical ids that lead to it: those of nested stacks, then its own.
    pub ids: Vec<String>,
    /// The path of its construct; its logical id below the nested stack where that is not known.
    pub path: String,
    /// The CloudFormation type.
    pub kind: String,
    /// The physical id.
    pub name: String,
}

/// How well a text names a resource, from the loosest to the most exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is the end of the path.
    End,
    /// It is a construct around the resource.
    Around,
    /// It is the path, the logical id, or the physical id.
    Exact,
}

/// The path of the construct whose heart a resource is.
#[must_use]
pub fn construct(path: &str) -> &str {
    path.strip_suffix(HEART).unwrap_or(path)
}

/// The resources of these types in the templates of the assembly.
#[must_use]
pub fn named<'a>(assembly: &'a Assembly, kinds: &[&str]) -> Vec<Named<'a>> {
    let of_stack = |stack: &'a Stack| {
        let resources = stack.template["Resources"].as_object();
        let is_one =
            |kind: &serde_json::Value| kind.as_str().is_some_and(|kind| kinds.contains(&kind));
        let resources = resources.into_iter().flatten();
        let resources = resources.filter(move |(_, body)| is_one(&body["Type"]));
        resources.map(move |(id, _)| Named {
            stack,
            id,
            path: stack.path_of(id),
        })
    };
    assembly.stacks.iter().flat_map(of_stack).collect()
}

/// Those that a text names best; none if it names none.
#[must_use]
pub fn meant<'n, 'a>(text: &str, all: &'n [Named<'a>]) -> Vec<&'n Named<'a>> {
    best(
        all.iter()
            .filter_map(|one| Some((fit(text, one.path, one.id)?, one))),
    )
}

/// The deployed resources that a text names best, by their physical ids too.
#[must_use]
pub fn meant_live<'n>(text: &str, all: &'n [Live]) -> Vec<&'n Live> {
    let fit = |one: &Live| {
        let is_name = one.name == text || one.name.rsplit([':', '/']).next() == Some(text);
        let id = one.ids.last().map(String::as_str).unwrap_or_default();
        if is_name {
            Some(Fit::Exact)
        } else {
            fit(text, &one.path, id)
        }
    };
    best(all.iter().filter_map(|one| Some((fit(one)?, one))))
}

fn best<T>(fits: impl Iterator<Item = (Fit, T)>) -> Vec<T> {
    let (mut chosen, mut at) = (Vec::new(), Fit::End);
    for (fit, one) in fits {
        if fit > at {
            chosen.clear();
            at = fit;
        }
        if fit == at {
            chosen.push(one);
        }
    }
    chosen
}

fn fit(text: &str, path: &str, id: &str) -> Option<Fit> {
    let heart = construct(path);
    let below = |path: &str| {
        path.strip_prefix(text)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    let ends = |path: &str| {
        path.strip_suffix(text)
            .is_some_and(|rest| rest.ends_with('/'))
    };
    if [path, heart, id].contains(&text) {
        Some(Fit::Exact)
    } else if below(path) {
        Some(Fit::Around)
    } else if !text.is_empty() && (ends(path) || ends(heart)) {
        Some(Fit::End)
    } else {
        None
    }
}

/// The resources of a deployed stack and of the stacks within it; `None` if it is not deployed.
///
/// # Errors
/// When CloudFormation does not answer.
pub async fn live(
    formation: &dyn Formation,
    clock: &dyn Clock,
    stack: &Stack,
) -> Result<Option<Vec<Live>>, Fault> {
    let Some(state) = patiently(clock, || formation.stack(&stack.name)).await? else {
        return Ok(None);
    };
    let (mut all, mut waiting) = (Vec::new(), VecDeque::from([(state.id, Vec::new())]));
    while let Some((id, way)) = waiting.pop_front() {
        for resource in patiently(clock, || formation.resources(&id)).await? {
            if resource.physical_id.is_empty() || resource.status == "DELETE_COMPLETE" {
                continue;
            }
            let path = stack.path_within(&way, &resource.id);
            let ids: Vec<String> = [way.as_slice(), std::slice::from_ref(&resource.id)].concat();
            if resource.kind == NESTED {
                waiting.push_back((resource.physical_id.clone(), ids.clone()));
            }
            let (kind, name) = (resource.kind, resource.physical_id);
            all.push(Live {
                ids,
                path,
                kind,
                name,
            });
        }
    }
    Ok(Some(all))
}

/// Nothing has this name.
#[must_use]
pub fn nothing(text: &str, noun: &str, all: &[Named<'_>]) -> Problem {
    let mut names: Vec<&str> = all.iter().map(|one| construct(one.path)).collect();
    let message = format!("there is no {noun} called \"{text}\"");
    let ends = names.iter().filter_map(|name| name.rsplit('/').next());
    let help = match nearest(text, names.iter().copied()).or_else(|| nearest(text, ends)) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if names.is_empty() => format!("the app has no {noun}"),
        None => {
            names.truncate(12);
            format!("there are {}", names.join(", "))
        }
    };
    Problem::usage(message, help)
}

/// Several have this name.
#[must_use]
pub fn several<'a>(text: &str, noun: &str, paths: impl IntoIterator<Item = &'a str>) -> Problem {
    let paths: Vec<_> = paths.into_iter().map(construct).collect();
    let message = format!("\"{text}\" names more than one {noun}");
    Problem::usage(message, format!("name one of {}", paths.join(", ")))
}

/// The stack is not there.
#[must_use]
pub fn not_deployed(stack: &Stack) -> Problem {
    let path = &stack.path;
    Problem::usage(
        format!("{path} is not deployed"),
        format!("deploy it first: `deploy {path}`"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live_of(path: &str, id: &str, name: &str) -> Live {
        let kind = "AWS::Lambda::Function".to_owned();
        Live {
            ids: vec![id.to_owned()],
            path: path.to_owned(),
            kind,
            name: name.to_owned(),
        }
    }

    fn found(text: &str) -> Vec<String> {
        let all = [
            live_of(
                "Prod/Index/Function/Resource",
                "IndexFunction1",
                "Prod-IndexFunction1-A",
            ),
            live_of(
                "Prod/Index/Rebuild/Resource",
                "IndexRebuild2",
                "Prod-IndexRebuild2-B",
            ),
            live_of(
                "Prod/Indexer/Resource",
                "Indexer3",
                "arn:aws:states:eu-central-1:1:stateMachine:Nightly",
            ),
            live_of(
                "Prod/Index/Alarms/Rebuild/Resource",
                "IndexAlarmsRebuild4",
                "Alarm",
            ),
        ];
        meant_live(text, &all)
            .into_iter()
            .map(|one| one.ids[0].clone())
            .collect()
    }

    #[test]
    fn paths_ids_and_names_are_exact_and_constructs_stand_for_what_is_in_them() {
        for text in [
            "Prod/Index/Rebuild",
            "Prod/Index/Rebuild/Resource",
            "IndexRebuild2",
            "Prod-IndexRebuild2-B",
        ] {
            assert_eq!(found(text), ["IndexRebuild2"], "{text}");
        }
        assert_eq!(found("Nightly"), ["Indexer3"]);
        assert_eq!(
            found("Prod/Index"),
            ["IndexFunction1", "IndexRebuild2", "IndexAlarmsRebuild4"]
        );
        assert_eq!(found("Index/Rebuild"), ["IndexRebuild2"]);
        assert_eq!(found("Rebuild"), ["IndexRebuild2", "IndexAlarmsRebuild4"]);
        for nothing in ["Prod/Ind", "", "rebuild", "Build"] {
            assert_eq!(found(nothing), Vec::<String>::new(), "{nothing}");
        }
    }
}
