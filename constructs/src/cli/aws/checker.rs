//! A run of AWS's engine and of rule files over all stacks of an assembly.

use std::mem::ManuallyDrop;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use cloudwright_synth::rules::FAILED_CHECK;
use cloudwright_synth::sorted::sort_by;
use cloudwright_synth::{Assembly, Diagnostic, Severity, StackArtifact};

use crate::cli::aws::Checked;
use crate::cli::aws::accepted::Accepted;
use crate::cli::aws::codes::Codes;
use crate::cli::aws::engine::{Engine, Failure, Outcome, RELEASE, Template, Told, guarded};
use crate::cli::aws::guard::Files;
use crate::cli::stop::Stop;

/// An engine that starts while the program runs, and the rule files that were read.
pub(crate) struct Checker {
    engine: JoinHandle<Result<Engine, String>>,
    files: Files,
}

impl Checker {
    /// Reads the rule files and starts the engine.
    pub(crate) fn start(rules: &[PathBuf]) -> Result<Self, Stop> {
        Ok(Self {
            files: Files::read(rules)?,
            engine: thread::spawn(|| guarded(Engine::start).and_then(|engine| engine)),
        })
    }

    /// What the engine and the files find in the templates, and where in the program that comes from.
    pub(crate) fn check(self, assembly: &Assembly) -> Checked {
        let engine = self.engine.join();
        // The process ends soon after: to free all schemas would only take time.
        let engine = ManuallyDrop::new(engine.unwrap_or_else(|_| Err("it panicked".to_owned())));
        let stacks = assembly.all_stacks();
        let templates: Vec<Template> = stacks.iter().map(template).collect();
        let outcomes = each(&templates, |template| match &*engine {
            Ok(engine) => vec![engine.look(template), self.files.look(template)],
            Err(why) => {
                let why = Failure::of_engine(&format!("it does not start: {why}"));
                vec![Outcome::failed(why), self.files.look(template)]
            }
        });
        let mut codes = Codes::default();
        let mut found = Vec::new();
        for ((stack, template), outcomes) in stacks.iter().zip(&templates).zip(outcomes) {
            let accepted = Accepted::of(&template.text);
            for outcome in outcomes {
                let told = outcome
                    .told
                    .into_iter()
                    .filter(|told| !accepted.accepts(told));
                found.extend(told.map(|told| placed(assembly, stack, told, &mut codes)));
                let failures = outcome.failures.into_iter();
                found.extend(failures.map(|why| failed(assembly, stack, why)));
            }
        }
        Checked {
            found: found.into_iter().collect(),
            engine: RELEASE.to_owned(),
            guard_rules: self.files.len(),
        }
    }
}

fn template(stack: &StackArtifact) -> Template {
    let environment = stack.environment();
    Template {
        text: stack.template().to_json(),
        account: environment.account_id().map(str::to_owned),
        region: environment.region_name().map(str::to_owned),
    }
}

/// What `work` makes of every item, in their order, on as many threads as there are processors.
fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let (next, (done, results)) = (AtomicUsize::new(0), mpsc::channel());
    thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            let (done, next, work) = (done.clone(), &next, &work);
            scope.spawn(move || {
                while let Some((index, item)) = take(items, next) {
                    // Whoever collects waits for all.
                    let _ = done.send((index, work(item)));
                }
            });
        }
    });
    drop(done);
    let mut results: Vec<(usize, R)> = results.into_iter().collect();
    sort_by(&mut results, |a, b| a.0.cmp(&b.0));
    results.into_iter().map(|(_, result)| result).collect()
}

/// The next item that nobody works at.
fn take<'a, T>(items: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    items.get(index).map(|item| (index, item))
}

/// A finding at the construct and the line that it comes from; at the stack where nothing nearer is known.
fn placed(assembly: &Assembly, stack: &StackArtifact, told: Told, codes: &mut Codes) -> Diagnostic {
    let rule = codes.of(&told);
    let origin = told.id.as_deref().and_then(|id| assembly.origin(stack, id));
    let (path, location) = origin.map_or_else(
        || (stack.path().to_owned(), assembly.stack_location(stack)),
        |(path, location)| (path, Some(location)),
    );
    Diagnostic {
        rule,
        severity: if told.is_error {
            Severity::Error
        } else {
            Severity::Warning
        },
        message: told.message,
        help: told.help,
        path,
        location,
    }
}

/// A check that could not be made. It is an error: what was asked for is not known.
fn failed(assembly: &Assembly, stack: &StackArtifact, failure: Failure) -> Diagnostic {
    Diagnostic {
        rule: &FAILED_CHECK,
        severity: Severity::Error,
        message: failure.message,
        help: failure.help,
        path: stack.path().to_owned(),
        location: assembly.stack_location(stack),
    }
}
