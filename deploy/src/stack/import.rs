//! Resources that exist become part of a stack.
//!
//! CloudFormation takes them over by a change set that does nothing else. So what is sent is the template that is
//! deployed with nothing but these resources added, and outputs and other changes of the program come with the next
//! deployment. Each resource is kept should it leave the stack, until a deployment says otherwise: CloudFormation
//! wants that to be said.

use serde_json::{Value, json};

use super::Work;
use super::before::original;
use super::changes::{self, Plan};
use super::deploy::execute;
use super::desired::Desired;
use super::losses::require_named;
use crate::capabilities;
use crate::cloud::{ChangeSetOrder, Import, PlannedChange, StackState};
use crate::event::{Done, Event, Question};
use crate::problem::Problem;
use crate::review::{Adopted, Operation, Review};
use crate::running::find::construct;
use crate::status::Next;
use crate::token::Token;

/// A resource that exists, as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// The logical id, or the construct path, of the program's resource.
    pub resource: String,
    /// What the real one is known by; several values with `|` between them.
    pub identifier: String,
}

/// A resource that may be taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Importable {
    /// The logical id.
    pub id: String,
    /// The construct path.
    pub path: String,
    /// The CloudFormation type.
    pub kind: String,
    /// The properties that it is known by.
    pub properties: Vec<String>,
}

/// The stack as it is, if it is at rest.
async fn at_rest(work: &Work<'_>) -> Result<Option<StackState>, Problem> {
    let Some(state) = work.look().await? else {
        return Ok(None);
    };
    match state.status.next() {
        Next::Create => Ok(None),
        Next::Update => Ok(Some(state)),
        _ => {
            let message = format!("{} is in {}", work.stack.path, state.status);
            let help = format!("bring it to rest first: {}", state.status.advice());
            Err(Problem::busy(message, help))
        }
    }
}

/// The deployed template; one without resources for a stack that is not there.
async fn deployed(work: &Work<'_>, state: Option<&StackState>) -> Result<Value, Problem> {
    let Some(state) = state else {
        let mut template = work.stack.template.clone();
        template["Resources"] = json!({});
        if let Some(members) = template.as_object_mut() {
            members.remove("Outputs");
        }
        return Ok(template);
    };
    original(work, &state.id).await?.ok_or_else(|| {
        let message = format!("the deployed template of {} is not JSON", work.stack.path);
        Problem::failed(message, "deploy the stack first, which makes it JSON")
    })
}

/// What the program has and the stack has not.
pub(super) async fn importable(work: &Work<'_>) -> Result<Vec<Importable>, Problem> {
    let state = at_rest(work).await?;
    let before = deployed(work, state.as_ref()).await?;
    let resources = work.stack.template["Resources"]
        .as_object()
        .into_iter()
        .flatten();
    let new = resources.filter(|(id, _)| before["Resources"].get(id.as_str()).is_none());
    let importable = new.filter_map(|(id, body)| {
        let kind = body["Type"].as_str()?;
        Some(Importable {
            id: id.clone(),
            path: work.stack.path_of(id).to_owned(),
            kind: kind.to_owned(),
            properties: identifiers(work, kind)?,
        })
    });
    Ok(importable.collect())
}

/// The properties that a resource of a type is known by, as the facts about the type say.
fn identifiers(work: &Work<'_>, kind: &str) -> Option<Vec<String>> {
    let facts = (work.facts)(kind)?;
    let line = facts
        .lines()
        .find_map(|line| line.trim().strip_prefix("id "))?;
    Some(line.split('|').map(|name| name.trim().to_owned()).collect())
}

/// Takes resources over.
pub(super) async fn import(work: &Work<'_>, resources: &[Existing]) -> Result<Done, Problem> {
    let state = at_rest(work).await?;
    let possible = importable(work).await?;
    let imports: Vec<Import> = resources
        .iter()
        .map(|existing| named(work, existing, &possible))
        .collect::<Result<_, _>>()?;
    let desired = desired(work, state.as_ref(), &imports).await?;
    let order = order(work, &desired, state.as_ref(), &imports).await?;
    let (token, changes) = match changes::planned(work, order, state.as_ref()).await? {
        Plan::Ready(token, changes) => (token, changes),
        Plan::Overtaken | Plan::Empty => {
            let message = format!("{} was changed by others meanwhile", work.stack.path);
            return Err(Problem::busy(
                message,
                "see `events`, and run the command again",
            ));
        }
    };
    let review = review(work, &desired, changes, &imports);
    work.event(Event::Planned(Box::new(review.clone())));
    if let Err(refused) = approve(work, &review).await {
        // That it was refused counts more than what is left of it.
        let _ = changes::discard(work, &token, state.as_ref()).await;
        return Err(refused);
    }
    let done = execute(work, &token, Operation::Import).await?;
    done.ok_or_else(|| {
        let message = format!("others work on {}", work.stack.path);
        Problem::busy(message, "see `events`, and run the command again")
    })
}

/// The import that a person means.
fn named(work: &Work<'_>, existing: &Existing, possible: &[Importable]) -> Result<Import, Problem> {
    let Existing {
        resource,
        identifier,
    } = existing;
    let is_it = |one: &&Importable| {
        one.id == *resource || one.path == *resource || construct(&one.path) == resource
    };
    let Some(found) = possible.iter().find(is_it) else {
        let names: Vec<&str> = possible.iter().map(|one| one.id.as_str()).collect();
        let message = format!(
            "{} has nothing called \"{resource}\" that could be taken over",
            work.stack.path
        );
        let help = match &names[..] {
            [] => "every resource of the program is part of the stack already".to_owned(),
            names => format!("what the deployed stack lacks is {}", names.join(", ")),
        };
        return Err(Problem::usage(message, help));
    };
    let values: Vec<&str> = identifier.split('|').collect();
    if values.len() != found.properties.len() || values.contains(&"") {
        let wanted = found.properties.join("|");
        let message = format!("{resource} is known by {wanted}, got \"{identifier}\"");
        let help = format!("name it so: `--resource {}={wanted}`", found.id);
        return Err(Problem::usage(message, help));
    }
    let pairs = found.properties.iter().cloned();
    Ok(Import {
        id: found.id.clone(),
        kind: found.kind.clone(),
        identifier: pairs.zip(values.into_iter().map(str::to_owned)).collect(),
    })
}

/// The deployed template with these resources.
async fn desired(
    work: &Work<'_>,
    state: Option<&StackState>,
    imports: &[Import],
) -> Result<Desired, Problem> {
    let wanted = Desired::of(work, state)?;
    let mut template = deployed(work, state).await?;
    for import in imports {
        let mut body = wanted.template["Resources"][&import.id].clone();
        if body.get("DeletionPolicy").is_none() {
            body["DeletionPolicy"] = json!("Retain");
        }
        template["Resources"][&import.id] = body;
    }
    let mut values = wanted.values;
    values.retain(|name, _| template["Parameters"].get(name).is_some());
    // Those that the program has no longer keep the values that they have.
    for name in state.iter().flat_map(|state| state.parameters.keys()) {
        values.entry(name.clone()).or_insert(None);
    }
    Ok(Desired {
        body: template.to_string(),
        template,
        values,
    })
}

async fn order(
    work: &Work<'_>,
    desired: &Desired,
    state: Option<&StackState>,
    imports: &[Import],
) -> Result<ChangeSetOrder, Problem> {
    let name = |import: &Import| format!("{} {:?}", import.id, import.identifier);
    let names: Vec<String> = imports.iter().map(name).collect();
    let content = [&*desired.body, &names.join("\n")];
    let base = state.map(|state| [&*state.id, &*state.changed]);
    let token = Token::of(&content, base.as_ref().map_or(&[], |base| base));
    Ok(ChangeSetOrder {
        stack: work.stack.name.clone(),
        name: token.text(),
        creates: state.is_none(),
        adopts: false,
        imports: imports.to_vec(),
        template: changes::source(work, &desired.body).await?,
        parameters: desired.values.clone(),
        tags: state.map_or(&work.stack.tags, |state| &state.tags).clone(),
        capabilities: capabilities::needed(&desired.template),
        role: work.role(),
    })
}

fn review(
    work: &Work<'_>,
    desired: &Desired,
    changes: Vec<PlannedChange>,
    imports: &[Import],
) -> Review {
    let mut before = desired.template.clone();
    if let Some(resources) = before["Resources"].as_object_mut() {
        resources.retain(|id, _| imports.iter().all(|import| import.id != *id));
    }
    let templates = (&before, &desired.template);
    let mut review = Review::of_changes(work.stack, templates, changes, work.facts);
    review.operation = Operation::Import;
    review.capabilities = capabilities::needed(&desired.template);
    review.adopted = imports.iter().map(adopted).collect();
    review
}

fn adopted(import: &Import) -> Adopted {
    let values: Vec<&str> = import.identifier.values().map(String::as_str).collect();
    Adopted {
        id: import.id.clone(),
        kind: import.kind.clone(),
        physical_id: values.join("|"),
    }
}

async fn approve(work: &Work<'_>, review: &Review) -> Result<(), Problem> {
    // Nothing of the stack changes, whatever it is.
    require_named(work, review, None)?;
    let help = "look at what is taken over, then say `--yes`";
    work.ask(&Question::Adopt(review), "the import", help).await
}
