//! What the local AWS makes of templates: told before anything is sent to it.
//!
//! Types that it does not know would be refused one stack at a time, so they are all told at once, with the lines
//! of the program. Types that it only writes down, and properties that it drops without a word, are noted: their
//! stacks are deployed, and nothing of them happens. What is within nested stacks counts as all else does.

use std::collections::BTreeMap;
use std::env::consts::ARCH;

use serde_json::Value;

use crate::assembly::{NESTED, Nested, Stack};
use crate::local::project::Running;
use crate::problem::{Cause, Problem};

/// Properties that the engine drops.
const DROPPED: [(&str, &str); 6] = [
    ("AWS::CloudWatch::Alarm", "Metrics"),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions/Secrets"),
    ("AWS::Lambda::Function", "DeadLetterConfig"),
    ("AWS::Lambda::Function", "ReservedConcurrentExecutions"),
    ("AWS::S3::Bucket", "LifecycleConfiguration"),
    ("AWS::S3::Bucket", "ReplicationConfiguration"),
];
const FUNCTION: &str = "AWS::Lambda::Function";

/// This machine's processor, as Lambda names it.
pub(super) fn own_processor() -> &'static str {
    if ARCH == "aarch64" { "arm64" } else { ARCH }
}

/// Refuses what the engine cannot deploy or run, and gives notes about what it does not do.
pub(super) fn judge(stacks: &[&Stack], engine: &Running) -> Result<Vec<String>, Problem> {
    let (mut refused, mut foreign) = (Vec::new(), Vec::new());
    let (mut notes, mut unseen) = (BTreeMap::new(), Vec::new());
    for found in resources(stacks) {
        let Found { id, resource, .. } = &found;
        let kind = resource["Type"].as_str().unwrap_or_default();
        if engine.recorded.contains(kind) {
            *notes
                .entry(format!(
                    "{kind} is written down, and nothing is done with it"
                ))
                .or_insert(0) += 1;
        } else if !engine.types.contains(kind) && !kind.starts_with("Custom::") {
            if resource["Condition"].is_string() {
                // Whether it is made is known to the engine alone.
                let note = format!("{kind} is not known, and fails if its condition holds");
                *notes.entry(note).or_insert(0) += 1;
                continue;
            }
            refused.push(found.cause("UNKNOWN_TYPE", "the local AWS has no such resource type"));
        }
        for (_, property) in DROPPED
            .iter()
            .filter(|(owner, property)| *owner == kind && has(resource, property))
        {
            *notes
                .entry(format!("{property} of {kind} is not done"))
                .or_insert(0) += 1;
        }
        if kind == FUNCTION && !runs_here(&resource["Properties"]) {
            foreign.push(found.cause("OTHER_PROCESSOR", "its code is for another processor"));
        }
        if kind == NESTED && found.inner().is_none() {
            unseen.push(format!(
                "note: what is within {id} is not known before, since its template is no file of the assembly"
            ));
        }
    }
    stop(stacks, refused, foreign)?;
    let line = |(note, count): (String, usize)| match count {
        1 => format!("note: {note}, by the local AWS"),
        _ => format!("note: {note}, by the local AWS ({count} resources)"),
    };
    Ok(notes.into_iter().map(line).chain(unseen).collect())
}

/// What stops a deployment, with the id of the stack.
type Stop<'a> = (&'a str, Cause);

fn stop(stacks: &[&Stack], refused: Vec<Stop<'_>>, foreign: Vec<Stop<'_>>) -> Result<(), Problem> {
    let causes = |stops: Vec<Stop<'_>>| stops.into_iter().map(|(_, cause)| cause).collect();
    if !refused.is_empty() {
        let is_fine = |stack: &&&Stack| refused.iter().all(|(id, _)| *id != stack.id);
        let fine: Vec<_> = stacks
            .iter()
            .filter(is_fine)
            .map(|stack| &*stack.path)
            .collect();
        let message = format!(
            "the local AWS does not know every resource type of these stacks: {}",
            types(&refused)
        );
        let help = if fine.is_empty() {
            "leave these resources out when the program runs for the local AWS, for example by a context value".to_owned()
        } else {
            format!(
                "deploy the other stacks alone: `local deploy --exclusively {}`",
                fine.join(" ")
            )
        };
        return Err(Problem {
            causes: causes(refused),
            ..Problem::failed(message, help)
        });
    }
    if foreign.is_empty() {
        return Ok(());
    }
    let own = own_processor();
    let message = format!(
        "functions run on this machine's processor, {own}, and these are built for another"
    );
    let help = format!(
        "do not name an architecture in the program, or synthesize with `--context cloudwright:architecture={own}`"
    );
    Err(Problem {
        causes: causes(foreign),
        ..Problem::failed(message, help)
    })
}

/// A resource of a stack, or of a stack within it.
struct Found<'a> {
    stack: &'a Stack,
    /// The logical ids of the nested stacks that lead to it.
    way: Vec<String>,
    id: &'a str,
    resource: &'a Value,
}

impl<'a> Found<'a> {
    /// Why it stops a deployment.
    fn cause(&self, status: &str, reason: &str) -> Stop<'a> {
        let Self { stack, way, id, .. } = self;
        let kind = self.resource["Type"].as_str().unwrap_or_default();
        let cause = Cause {
            id: (*id).to_owned(),
            kind: kind.to_owned(),
            path: stack.path_within(way, id),
            line: stack.line_within(way, id).map(str::to_owned),
            status: status.to_owned(),
            reason: reason.to_owned(),
            log: Vec::new(),
        };
        (&stack.id, cause)
    }

    /// The stack that it deploys.
    fn inner(&self) -> Option<&Nested> {
        let way = [&self.way[..], &[self.id.to_owned()]].concat();
        self.stack.within(&way)
    }
}

fn resources<'a>(stacks: &[&'a Stack]) -> Vec<Found<'a>> {
    let mut all = Vec::new();
    for stack in stacks {
        add(&mut all, stack, &[], (&stack.template, &stack.nested));
    }
    all
}

/// Adds the resources of a template, and those of the stacks within it.
fn add<'a>(
    all: &mut Vec<Found<'a>>,
    stack: &'a Stack,
    way: &[String],
    (template, nested): (&'a Value, &'a BTreeMap<String, Nested>),
) {
    let members = template["Resources"].as_object().into_iter().flatten();
    all.extend(members.map(|(id, resource)| Found {
        stack,
        way: way.to_vec(),
        id,
        resource,
    }));
    for (id, inner) in nested {
        let way = [way, std::slice::from_ref(id)].concat();
        add(all, stack, &way, (&inner.template, &inner.nested));
    }
}

/// A function that names no architecture is for x86_64; one of an image brings its own machine.
fn runs_here(properties: &Value) -> bool {
    let architecture = properties["Architectures"][0].as_str().unwrap_or("x86_64");
    let is_compiled = properties["Runtime"]
        .as_str()
        .is_some_and(|runtime| runtime.starts_with("provided"));
    !is_compiled || architecture == own_processor()
}

/// Whether a resource has a property; `A/B` looks for `B` in the elements of the list `A`.
fn has(resource: &Value, property: &str) -> bool {
    let properties = &resource["Properties"];
    match property.split_once('/') {
        Some((list, member)) => {
            let elements = properties[list].as_array().into_iter().flatten();
            elements
                .into_iter()
                .any(|element| !element[member].is_null())
        }
        None => !properties[property].is_null(),
    }
}

fn types(stops: &[Stop<'_>]) -> String {
    let mut types: Vec<_> = stops.iter().map(|(_, cause)| &*cause.kind).collect();
    types.sort_unstable();
    types.dedup();
    types.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    fn stack(resources: &Value) -> Stack {
        Stack::of_template(
            "App",
            ("111111111111", "eu-west-1"),
            "b",
            json!({ "Resources": resources }),
        )
    }

    fn engine() -> Running {
        let set = |kinds: &[&str]| -> BTreeSet<String> {
            kinds.iter().map(|kind| (*kind).to_owned()).collect()
        };
        Running {
            process: 1,
            port: 2,
            types: set(&["AWS::S3::Bucket", FUNCTION]),
            recorded: set(&["AWS::SSM::Document"]),
            version: String::new(),
        }
    }

    #[test]
    fn unknown_types_stop_and_the_rest_is_noted() {
        let bucket =
            json!({ "Type": "AWS::S3::Bucket", "Properties": { "LifecycleConfiguration": {} } });
        let fine = stack(
            &json!({ "A": bucket, "B": bucket, "C": { "Type": "AWS::SSM::Document" },
            "D": { "Type": "Custom::Thing" } }),
        );
        let notes = judge(&[&fine], &engine()).unwrap();
        assert_eq!(
            notes,
            [
                "note: AWS::SSM::Document is written down, and nothing is done with it, by the local AWS",
                "note: LifecycleConfiguration of AWS::S3::Bucket is not done, by the local AWS (2 resources)",
            ]
        );
        let unknown = stack(&json!({ "Server": { "Type": "AWS::EC2::Instance" }, "A": bucket }));
        let problem = judge(&[&unknown], &engine()).unwrap_err();
        assert!(
            problem
                .message
                .ends_with("these stacks: AWS::EC2::Instance"),
            "{problem}"
        );
        assert_eq!(problem.causes.len(), 1);
        assert_eq!(problem.causes[0].id, "Server");
    }

    #[test]
    fn what_is_within_nested_stacks_counts_and_only_their_own_stack_is_left_out() {
        let inner = json!({ "Resources": { "Server": { "Type": "AWS::EC2::Instance" },
            "Notes": { "Type": "AWS::SSM::Document" } } });
        let deployer = json!({ "Type": NESTED });
        let mut one = stack(&json!({ "In": deployer }));
        "one".clone_into(&mut one.id);
        let inner = Nested::of_template(inner);
        one.nested.insert("In".to_owned(), inner);
        let other = stack(&json!({ "Server": { "Type": "AWS::S3::Bucket" }, "Far": deployer }));
        let mut engine = engine();
        engine.types.insert(NESTED.to_owned());
        let problem = judge(&[&one, &other], &engine).unwrap_err();
        let cause = &problem.causes[0];
        assert_eq!((&*cause.path, problem.causes.len()), ("In/Server", 1));
        assert!(problem.help.contains("--exclusively App"), "{problem}");
        let notes = judge(&[&other], &engine).unwrap();
        assert!(
            notes[0].contains("what is within Far is not known before"),
            "{notes:?}"
        );
    }

    #[test]
    fn only_compiled_functions_depend_on_the_processor() {
        let other = if own_processor() == "arm64" {
            "x86_64"
        } else {
            "arm64"
        };
        let function = |runtime: &str, architecture: &str| {
            stack(&json!({ "F": { "Type": FUNCTION,
                "Properties": { "Runtime": runtime, "Architectures": [architecture] } } }))
        };
        assert!(judge(&[&function("python3.13", other)], &engine()).is_ok());
        assert!(judge(&[&function("provided.al2023", own_processor())], &engine()).is_ok());
        let problem = judge(&[&function("provided.al2023", other)], &engine()).unwrap_err();
        assert!(
            problem.help.contains("cloudwright:architecture="),
            "{problem}"
        );
    }
}
