//! `deploy`, `destroy`, `rollback` and `cancel`: the verbs that change stacks.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Map, Value, json};

use super::arguments::{aws, flag, option, stacks, texts};
use super::bootstrap::Offer;
use super::chosen::{Along, assembly, choose};
use super::import;
use super::made::Packages;
#[cfg(feature = "operate")]
use super::running::secret;
use super::swapped::Swapped;
use super::terminal::Terminal;
use super::{EXIT_CODES, report, whole};
use crate::assembly::{Assembly, Stack};
use crate::aws::{Clouds, RealClock};
use crate::event::Done;
use crate::parameters::{Parameter, require_known};
use crate::problem::Problem;
use crate::publish::Publisher;
use crate::review::Approval;
use crate::run::{self, Ending, Order};
#[cfg(feature = "operate")]
use crate::stack::hotswap::Swaps;
use crate::stack::skip::require_stacks;
use crate::stack::{Options, Work};

const DEPLOY: &str = "\
Each stack gets a change set. It is shown with what it replaces, what data it loses and who may do more
afterwards; it is executed when that is approved, or when nothing in it needs approval. A stack that is as
it should be costs two requests.

Data is never lost unasked: a change that deletes or replaces something that holds data is refused unless
the logical id is named by --allow-data-loss, whatever else is approved.

The same command again goes on where it stopped: it finds its change set, or follows its operation. Ctrl-C
ends this program and leaves the stacks to AWS.";

const IMPORT: &str = "\
Each resource is named by its logical id or its path, and by what the real one is known by: a bucket by its name, a queue
by its URL; `|` stands between several values. Without --resource a person is asked for every resource that the
program has and the deployed stack lacks, and without a person they are listed.

CloudFormation takes them over by a change set that does nothing else; what else the program changes, outputs included,
comes with the next `deploy`. `drift` shows then where the real ones differ from the program. If the stack is not
there yet, it is made of these resources. One without a deletion policy is retained until the next `deploy`.";

#[cfg(feature = "operate")]
const SWAP: &str = "\
With --hotswap, a stack in which nothing but functions changes is not given to CloudFormation: their code, and
of their settings Description, Environment, Handler, MemorySize, Runtime and Timeout, go to Lambda directly, which
takes seconds. What else changes is named, and CloudFormation does it all. After a swap the stack differs from
its template. This machine remembers that: the next deployment from it, with --hotswap or without, makes every
function what the program says.";
#[cfg(not(feature = "operate"))]
const SWAP: &str = "";

const DESTROY: &str = "\
What is to be retained stays, as its policy says. Anything else that holds data has to be named by
--allow-data-loss, and a bucket with objects in it by --empty-bucket as well.";

const ROLLBACK: &str = "\
A creation that failed has nothing to go back to: all that it made is deleted but what is to be retained, and
what holds data has to be named by --allow-data-loss.";

pub(super) fn deploy_command(command: Command) -> Command {
    let command = stacks(command)
        .about("Makes the stacks in AWS what the assembly says")
        .after_help(help(&[DEPLOY, SWAP]));
    let levels = ["never", "any-change", "broadening", "destructive"];
    let command = command.args([
        option(
            "require-approval",
            "CHANGE",
            "From which changes on a person is asked",
        )
        .value_parser(levels)
        .default_value("broadening"),
        option(
            "parameter",
            "[STACK:]NAME=VALUE|@FILE",
            "A value of a parameter",
        )
        .action(ArgAction::Append),
        option("role-arn", "ARN", "The role that CloudFormation works as; ${AWS::AccountId} and ${AWS::Region} are those of the stack"),
        Arg::new("outputs-file")
            .long("outputs-file")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("Where the outputs are written, as JSON by stack and name"),
        flag("exclusively", "Without the stacks that the named ones need"),
    ]);
    #[cfg(feature = "operate")]
    let command = command.arg(flag(
        "hotswap",
        "Updates functions directly where nothing else changes; for stacks of your own, while you work on them",
    ));
    consent(several(aws(command)))
}

pub(super) fn destroy_command(command: Command) -> Command {
    let command = stacks(command)
        .about("Deletes the stacks")
        .after_help(help(&[DESTROY]));
    let command = command.args([
        option(
            "empty-bucket",
            "[STACK:]LOGICAL_ID",
            "A bucket whose objects may be deleted",
        )
        .action(ArgAction::Append),
        option(
            "skip",
            "[STACK:]LOGICAL_ID",
            "A resource that is left behind where a deletion of the stack failed before",
        )
        .action(ArgAction::Append),
        flag("exclusively", "Without the stacks that need the named ones"),
    ]);
    consent(several(aws(command)))
}

pub(super) fn import_command(command: Command) -> Command {
    let about = "Makes resources that exist part of a stack, and changes nothing else";
    let command = stacks(command).about(about).after_help(help(&[IMPORT]));
    let command = command.args([
        option(
            "resource",
            "LOGICAL_ID=ID",
            "A resource of the program, and what the real one is known by",
        )
        .action(ArgAction::Append),
        option(
            "parameter",
            "[STACK:]NAME=VALUE|@FILE",
            "A value of a parameter",
        )
        .action(ArgAction::Append),
        option("role-arn", "ARN", "The role that CloudFormation works as"),
    ]);
    consent(aws(command))
}

pub(super) fn rollback_command(command: Command) -> Command {
    let skip = option(
        "skip",
        "[STACK:]LOGICAL_ID",
        "A resource that the rollback goes on without; repair it afterwards",
    );
    let about = "Rolls back an operation that failed half-way, or continues a rollback that failed";
    aws(stacks(command)
        .about(about)
        .after_help(help(&[ROLLBACK]))
        .args([skip.action(ArgAction::Append), allow_data_loss()]))
}

pub(super) fn cancel_command(command: Command) -> Command {
    aws(stacks(command)
        .about("Cancels an update under way, which rolls it back")
        .after_help(help(&[])))
}

fn help(stories: &[&str]) -> String {
    let parts = stories.iter().chain(&[report::JSON, EXIT_CODES]);
    let parts: Vec<&str> = parts.copied().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

fn consent(command: Command) -> Command {
    command
        .arg(flag("yes", "Approves everything but a loss of data").short('y'))
        .arg(allow_data_loss())
}

fn allow_data_loss() -> Arg {
    let about = "A resource whose data may be lost";
    option("allow-data-loss", "[STACK:]LOGICAL_ID", about).action(ArgAction::Append)
}

fn several(command: Command) -> Command {
    let at_once = option(
        "concurrency",
        "NUMBER",
        "How many stacks are worked on at the same time",
    );
    command
        .arg(
            at_once
                .value_parser(value_parser!(u16).range(1..=100))
                .default_value("8"),
        )
        .arg(flag(
            "wait",
            "Waits for operations of others, and goes on after them",
        ))
}

/// Runs one of these verbs.
pub(super) async fn run(
    verb: &str,
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let assembly = assembly(app)?;
    let chosen = chosen(verb, arguments, &assembly)?;
    let mut options = options(arguments, chosen.len() == 1)?;
    // Nobody's rights are at stake on this machine. Data is lost there, too, only where it is named.
    options.yes |= terminal.is_local();
    require_known(&options.parameters, &chosen)?;
    require_stacks(&options.skip, &chosen)?;
    let outputs = outputs_file(arguments);
    outputs.map_or(Ok(()), |file| require_place(file))?;
    let endings = operate(verb, arguments, &chosen, &options, terminal).await?;
    report::endings(terminal, &chosen, &endings);
    #[cfg(feature = "operate")]
    if verb == "deploy" {
        name_empty_secrets(arguments, &chosen, &endings, terminal).await?;
    }
    if let Some(file) = outputs {
        write_outputs(file, &chosen, &endings)?;
    }
    Ok(report::exit_code(&endings))
}

fn chosen<'a>(
    verb: &str,
    arguments: &ArgMatches,
    assembly: &'a Assembly,
) -> Result<Vec<&'a Stack>, Problem> {
    let patterns = texts(arguments, "stacks");
    if patterns.is_empty()
        && assembly.stacks.len() > 1
        && matches!(verb, "import" | "rollback" | "cancel")
    {
        let help = format!("name it: `{verb} STACK`");
        return Err(Problem::usage(format!("`{verb}` is about one stack"), help));
    }
    let exclusively = arguments.try_get_one::<bool>("exclusively").ok().flatten() == Some(&true);
    let along = match verb {
        _ if exclusively => Along::Nobody,
        "deploy" => Along::Needed,
        "destroy" => Along::Needing,
        _ => Along::Nobody,
    };
    choose(assembly, &patterns, along)
}

fn options(arguments: &ArgMatches, sole: bool) -> Result<Options, Problem> {
    let is_set = |name: &str| arguments.try_get_one::<bool>(name).ok().flatten() == Some(&true);
    let list = |name: &str| match arguments.try_get_many::<String>(name) {
        Ok(Some(values)) => values.cloned().collect(),
        _ => Vec::new(),
    };
    let one = |name: &str| {
        arguments
            .try_get_one::<String>(name)
            .ok()
            .flatten()
            .cloned()
    };
    let parameters = list("parameter")
        .iter()
        .map(|text| Parameter::read(text))
        .collect::<Result<_, _>>()?;
    Ok(Options {
        approval: one("require-approval")
            .and_then(|name| Approval::named(&name))
            .unwrap_or_default(),
        yes: is_set("yes"),
        sole,
        allow_data_loss: list("allow-data-loss").into_iter().collect(),
        empty_buckets: list("empty-bucket").into_iter().collect(),
        parameters,
        wait: is_set("wait"),
        role: one("role-arn"),
        skip: list("skip"),
    })
}

async fn operate(
    verb: &str,
    arguments: &ArgMatches,
    chosen: &[&Stack],
    options: &Options,
    terminal: &Terminal<'_>,
) -> Result<BTreeMap<String, Ending>, Problem> {
    let clouds = terminal.clouds(arguments)?;
    let clock = RealClock::start();
    let packages = Packages {
        checkouts: terminal.shell.checkouts.clone(),
        quiet: terminal.shell.quiet,
    };
    let offer = Offer {
        clock: &clock,
        packages: &packages,
        yes: options.yes,
        role: options.role.clone(),
        terminal,
    };
    let publisher = Publisher::new(&clock, &packages).with_bootstrap(&offer);
    let at_once = arguments
        .try_get_one::<u16>("concurrency")
        .ok()
        .flatten()
        .copied()
        .unwrap_or(1);
    let order = if verb == "destroy" {
        Order::NeedingFirst
    } else {
        Order::NeededFirst
    };
    let run = Run {
        verb,
        arguments,
        clouds: &clouds,
        clock: &clock,
        publisher: &publisher,
        options,
        terminal,
    };
    let one = |stack| run.work(stack);
    Ok(run::all(chosen, order, at_once.into(), one).await)
}

/// What the stacks of a run share.
struct Run<'a> {
    verb: &'a str,
    arguments: &'a ArgMatches,
    clouds: &'a Clouds,
    clock: &'a RealClock,
    publisher: &'a Publisher<'a>,
    options: &'a Options,
    terminal: &'a Terminal<'a>,
}

impl Run<'_> {
    async fn work(&self, stack: &Stack) -> Result<Done, Problem> {
        let told = |problem: &Problem| self.terminal.problem(Some(stack), problem);
        let (account, region) = (stack.account.as_deref(), stack.region.as_deref());
        let cloud = self.clouds.cloud(account, region).await;
        let cloud = cloud.inspect_err(told)?;
        let work = Work {
            stack,
            cloud: &cloud,
            clock: self.clock,
            host: self.terminal,
            publisher: self.publisher,
            options: self.options,
            facts: self.terminal.shell.facts,
            swaps: None,
        };
        match self.verb {
            "destroy" => work.destroy().await,
            "rollback" => work.rollback().await,
            "cancel" => work.cancel().await,
            "import" => import::run(self.arguments, &work, self.terminal).await,
            _ => self.deploy(work).await,
        }
    }

    /// What this machine remembers of swaps of a stack.
    fn memory(&self, work: &Work<'_>) -> Result<Option<Swapped>, Problem> {
        let place = self.terminal.place(self.arguments)?;
        Ok(Swapped::of(&place, work.cloud, &work.stack.name))
    }

    /// Deploys a stack. Its functions are out of reach here, so that they were swapped can only be told.
    #[cfg(not(feature = "operate"))]
    async fn deploy(&self, work: Work<'_>) -> Result<Done, Problem> {
        if self.memory(&work)?.is_some_and(|memory| memory.is_there()) {
            let path = &work.stack.path;
            self.terminal.note(&format!(
                "functions of {path} were swapped, and this program cannot bring them back: run `cargo cloudwright deploy \
                 {path}`, or build it with the feature `operate`"
            ));
        }
        work.deploy().await
    }

    /// Deploys a stack, with a way to its functions where they are to be swapped, or were.
    #[cfg(feature = "operate")]
    async fn deploy(&self, mut work: Work<'_>) -> Result<Done, Problem> {
        let told = |problem: &Problem| self.terminal.problem(Some(work.stack), problem);
        let flag = self.arguments.try_get_one::<bool>("hotswap");
        let wanted = flag.ok().flatten() == Some(&true);
        let memory = self.memory(&work).inspect_err(told)?;
        let memory = match memory {
            Some(memory) if wanted || memory.is_there() => memory,
            None if wanted => {
                let help = "set CLOUDWRIGHT_HOME: what is swapped is remembered there";
                let problem = Problem::unreadable("there is no home folder", help);
                return Err(problem).inspect_err(told);
            }
            _ => return work.deploy().await,
        };
        let (account, region) = (work.stack.account.as_deref(), work.stack.region.as_deref());
        let lambda = self.clouds.lambda(account, region).await;
        let lambda = lambda.inspect_err(told)?;
        work.swaps = Some(Swaps {
            wanted,
            lambda: &*lambda,
            memory: &memory,
        });
        work.deploy().await
    }
}

/// Names the secrets of the stacks that changed which nobody has filled. A stack that was as it should be is not
/// asked about: it costs two requests.
#[cfg(feature = "operate")]
async fn name_empty_secrets(
    arguments: &ArgMatches,
    chosen: &[&Stack],
    endings: &BTreeMap<String, Ending>,
    terminal: &Terminal<'_>,
) -> Result<(), Problem> {
    let (clouds, clock) = (terminal.clouds(arguments)?, RealClock::start());
    for stack in chosen {
        let has_changed = |ending: &&Ending| {
            let unchanged = crate::event::Outcome::Unchanged;
            matches!(ending, Ending::Done(done) if done.outcome != unchanged)
        };
        if endings.get(&stack.id).filter(has_changed).is_none() {
            continue;
        }
        match secret::empty(stack, (&clouds, &clock)).await {
            Ok(empty) => empty.iter().for_each(|path| {
                let text = format!(
                    "{path} holds nothing yet: fill it by `secret put {path} --from-file FILE`"
                );
                terminal.note(&terminal.placed(&text));
            }),
            // The stack is deployed all the same.
            Err(why) => terminal.progress(&format!(
                "whether the secrets of {} are filled is not known: {}",
                stack.path, why.message
            )),
        }
    }
    Ok(())
}

/// Where outputs are to be written.
fn outputs_file(arguments: &ArgMatches) -> Option<&PathBuf> {
    let file = arguments.try_get_one::<PathBuf>("outputs-file");
    file.ok().flatten()
}

/// Refuses a file in a folder that is not there before anything is deployed.
fn require_place(file: &Path) -> Result<(), Problem> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder.map(fs::metadata) {
        Some(Err(why)) => Err(unwritable(file, &why)),
        _ => Ok(()),
    }
}

fn unwritable(file: &Path, why: &io::Error) -> Problem {
    let message = format!("cannot write \"{}\": {why}", file.display());
    let help = "choose another file; `outputs` shows the outputs as well";
    Problem::unreadable(message, help)
}

/// The outputs of every stack that is as it should be; those of others that the file has already stay.
fn write_outputs(
    file: &Path,
    chosen: &[&Stack],
    endings: &BTreeMap<String, Ending>,
) -> Result<(), Problem> {
    let before = fs::read(file)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let mut all = match before {
        Some(Value::Object(all)) => all,
        _ => Map::new(),
    };
    for stack in chosen {
        if let Some(Ending::Done(done)) = endings.get(&stack.id) {
            all.insert(stack.path.clone(), json!(done.outputs));
        }
    }
    let text = format!("{:#}\n", Value::Object(all));
    whole::write(file, &text).map_err(|why| unwritable(file, &why))
}
