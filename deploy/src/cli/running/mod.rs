//! The verbs that work with what is deployed: they need more of the SDK, hence a feature of their own.

mod call;
mod invoke;
mod letters;
mod logs;
mod run;
pub(super) mod secret;
mod watch;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::rc::Rc;

use clap::ArgMatches;
use serde_json::Value;

use super::Verb;
use super::chosen::assembly;
use super::terminal::Terminal;
use crate::assembly::{Assembly, Stack};
use crate::aws::{Clouds, RealClock};
use crate::problem::Problem;
use crate::running::find::{self, Live};
use crate::running::services::Services;

/// These verbs, in the order of the help.
pub(super) const VERBS: [Verb; 7] = [
    Verb {
        name: "run",
        command: run::command,
    },
    Verb {
        name: "invoke",
        command: invoke::command,
    },
    Verb {
        name: "logs",
        command: logs::command,
    },
    Verb {
        name: "dead-letters",
        command: letters::command,
    },
    Verb {
        name: "secret",
        command: secret::command,
    },
    Verb {
        name: "alarms",
        command: watch::alarms_command,
    },
    Verb {
        name: "metrics",
        command: watch::metrics_command,
    },
];

/// Runs one of these verbs.
pub(super) async fn dispatch(
    verb: &str,
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let assembly = assembly(app)?;
    let app = App {
        assembly: &assembly,
        clouds: terminal.clouds(arguments)?,
        known: RefCell::default(),
        clock: RealClock::start(),
        terminal,
    };
    match verb {
        "run" => run::run(arguments, &app).await,
        "logs" => logs::run(arguments, &app).await,
        "dead-letters" => letters::run(arguments, &app).await,
        "secret" => secret::run(arguments, &app).await,
        "alarms" => watch::alarms(arguments, &app).await,
        "metrics" => watch::metrics(arguments, &app).await,
        _ => invoke::run(arguments, &app).await,
    }
}

/// Whether a verb is one of these.
pub(super) fn has(verb: &str) -> bool {
    VERBS.iter().any(|known| known.name == verb)
}

/// What these verbs work in.
struct App<'a> {
    assembly: &'a Assembly,
    clouds: Clouds,
    /// The resources of the stacks that were looked at, by the stack's id.
    known: RefCell<BTreeMap<String, Option<Vec<Live>>>>,
    clock: RealClock,
    terminal: &'a Terminal<'a>,
}

/// A deployed resource and how to reach it.
struct Spot<'a> {
    stack: &'a Stack,
    live: Live,
    services: Rc<Services>,
}

impl Spot<'_> {
    /// The path of the construct.
    fn path(&self) -> &str {
        find::construct(&self.live.path)
    }
}

impl Spot<'_> {
    /// Whether it is a queue with dead letters of its own.
    fn own_redrive(&self) -> bool {
        let [id] = &self.live.ids[..] else {
            return false;
        };
        !self.stack.template["Resources"][id]["Properties"]["RedrivePolicy"].is_null()
    }
}

impl<'a> App<'a> {
    /// A resource of a stack by its logical id.
    async fn at(&self, stack: &'a Stack, id: &str) -> Result<Spot<'a>, Problem> {
        let live = self.live_once(stack).await?;
        let live = live.ok_or_else(|| find::not_deployed(stack))?;
        let found = live.into_iter().find(|one| one.ids == [id]);
        let live = found.ok_or_else(|| find::not_deployed(stack))?;
        let services = self.services(stack).await?;
        Ok(Spot {
            stack,
            live,
            services,
        })
    }

    async fn services(&self, stack: &Stack) -> Result<Rc<Services>, Problem> {
        let (account, region) = (stack.account.as_deref(), stack.region.as_deref());
        self.clouds.services(account, region).await
    }

    /// The resources of a stack; `None` if it is not deployed. They are asked for once.
    async fn live_once(&self, stack: &Stack) -> Result<Option<Vec<Live>>, Problem> {
        if let Some(known) = self.known.borrow().get(&stack.id) {
            return Ok(known.clone());
        }
        let (account, region) = (stack.account.as_deref(), stack.region.as_deref());
        let cloud = self.clouds.cloud(account, region).await?;
        let live = find::live(&*cloud.formation, &self.clock, stack).await?;
        self.known
            .borrow_mut()
            .insert(stack.id.clone(), live.clone());
        Ok(live)
    }

    /// The deployed resources of some types that texts mean; all of the app without a text.
    async fn all(
        &self,
        texts: &[String],
        kinds: &[&str],
        noun: &str,
    ) -> Result<Vec<Spot<'a>>, Problem> {
        let mut all: Vec<Spot<'a>> = Vec::new();
        for text in texts {
            for spot in self.seek(text, kinds, noun).await? {
                let is_it = |one: &Spot<'_>| one.stack.id == spot.stack.id && one.live == spot.live;
                if !all.iter().any(is_it) {
                    all.push(spot);
                }
            }
        }
        let stacks = self.assembly.stacks.iter().filter(|_| texts.is_empty());
        for stack in stacks {
            let live = self.live_once(stack).await?.unwrap_or_default();
            for live in live.into_iter().filter(|one| kinds.contains(&&*one.kind)) {
                let services = self.services(stack).await?;
                all.push(Spot {
                    stack,
                    live,
                    services,
                });
            }
        }
        Ok(all)
    }

    /// The only deployed resource of some types that a text means.
    async fn one(&self, text: &str, kinds: &[&str], noun: &str) -> Result<Spot<'a>, Problem> {
        let mut found = self.seek(text, kinds, noun).await?;
        if found.len() > 1 {
            return Err(find::several(
                text,
                noun,
                found.iter().map(|spot| &*spot.live.path),
            ));
        }
        let named = || find::nothing(text, noun, &find::named(self.assembly, kinds));
        found.pop().ok_or_else(named)
    }

    /// The deployed resources of some types that a text means: at least one.
    async fn seek(&self, text: &str, kinds: &[&str], noun: &str) -> Result<Vec<Spot<'a>>, Problem> {
        let named = find::named(self.assembly, kinds);
        let meant = find::meant(text, &named);
        let is_meant = |stack: &Stack| meant.iter().any(|one| one.stack.id == stack.id);
        let stacks = self.assembly.stacks.iter();
        let stacks = stacks.filter(|stack| meant.is_empty() || is_meant(stack));
        let (mut all, mut homes, mut absent) = (Vec::new(), Vec::new(), None);
        for stack in stacks {
            let Some(live) = self.live_once(stack).await? else {
                absent = absent.or(Some(stack));
                continue;
            };
            let live = live.into_iter().filter(|one| kinds.contains(&&*one.kind));
            all.extend(live);
            homes.resize(all.len(), stack);
        }
        let mut spots = Vec::new();
        for live in find::meant_live(text, &all) {
            let at = all
                .iter()
                .position(|one| std::ptr::eq(one, live))
                .unwrap_or_default();
            let services = self.services(homes[at]).await?;
            spots.push(Spot {
                stack: homes[at],
                live: live.clone(),
                services,
            });
        }
        match (spots.is_empty(), absent.filter(|_| !meant.is_empty())) {
            (false, _) => Ok(spots),
            (true, Some(stack)) => Err(find::not_deployed(stack)),
            (true, None) => Err(find::nothing(text, noun, &named)),
        }
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

/// JSON from the command line: written there, in a file (`@FILE`, or its name), or `-` for standard input.
fn json_of(option: &str, given: &str) -> Result<Value, Problem> {
    let unreadable = |why: io::Error| {
        let message = format!("cannot read \"{given}\": {why}");
        Problem::unreadable(message, format!("`{option}` takes JSON, a file, or `-`"))
    };
    let text = match given.strip_prefix('@') {
        Some(file) => fs::read_to_string(file).map_err(unreadable)?,
        None if given == "-" => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map_err(unreadable)?;
            text
        }
        // Whatever is JSON is no file's name; what only begins like it is told where it stops being it.
        None if is_json(given) || given.starts_with(['{', '[', '"']) => given.to_owned(),
        None => fs::read_to_string(given).map_err(unreadable)?,
    };
    serde_json::from_str(&text).map_err(|why| {
        let message = format!("what `{option}` was given is not JSON: {why}");
        Problem::usage(message, "quote it for the shell: `'{\"from\": \"a\"}'`")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_json_is_no_file() {
        let table = [
            ("5", json!(5)),
            ("true", json!(true)),
            (" {}", json!({})),
            ("null", Value::Null),
        ];
        for (given, value) in table {
            assert_eq!(json_of("--payload", given), Ok(value), "{given:?}");
        }
        let absent = json_of("--payload", "absent.json").unwrap_err();
        assert!(
            absent.message.contains("cannot read \"absent.json\""),
            "{absent:?}"
        );
        let broken = json_of("--payload", "{from: 1}").unwrap_err();
        assert!(broken.message.contains("is not JSON"), "{broken:?}");
    }
}
