//! Shows what happens, and asks.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::env;
use std::io;
use std::time::Duration;

use clap::ArgMatches;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::lock::Mutex;
use terminal_size::terminal_size_of;

use super::arguments::settings;
use super::fit::{row, wrapped};
use super::live::Live;
use super::text::{self, Page};
use super::{Shell, local};
use crate::assembly::Stack;
use crate::aws::Clouds;
use crate::cloud::StackEvent;
use crate::event::{Consent, Event, Host, Question};
use crate::problem::Problem;

/// The person's side of a run.
pub(super) struct Terminal<'a> {
    pub(super) shell: &'a Shell<'a>,
    /// Stacks with an operation under way, by id: their path.
    moving: RefCell<BTreeMap<String, String>>,
    /// Stacks of which functions are being swapped, by id: their path.
    swapping: RefCell<BTreeMap<String, String>>,
    /// What else goes on in AWS without this program, in words.
    lasting: RefCell<Vec<String>>,
    /// What is drawn below everything else, on a terminal.
    live: Option<RefCell<Live>>,
    /// What is told while a question is open; none is open without it.
    held: RefCell<Option<String>>,
    /// Held while a question is open.
    asking: Mutex<()>,
    /// The address of the local AWS, when that is where everything goes.
    local: OnceCell<String>,
    /// Whether the local AWS is being started.
    starting: Cell<bool>,
    /// What was told of a stack that stopped.
    told: RefCell<BTreeSet<String>>,
}

/// How often the times of the live view are drawn anew.
const TICK: Duration = Duration::from_millis(500);

impl<'a> Terminal<'a> {
    pub(super) fn new(shell: &'a Shell<'a>) -> Self {
        let is_live = shell.terminal && !shell.json && !shell.quiet;
        Self {
            shell,
            moving: RefCell::default(),
            swapping: RefCell::default(),
            lasting: RefCell::default(),
            live: is_live.then(RefCell::default),
            held: RefCell::default(),
            asking: Mutex::default(),
            local: OnceCell::new(),
            starting: Cell::new(false),
            told: RefCell::default(),
        }
    }

    /// The local AWS is being started.
    pub(super) fn starts_local(&self) {
        self.starting.set(true);
    }

    /// A text that names verbs and the place they work on, as it has to read where that is the local AWS: followed
    /// literally, it must not lead to the stacks of the same names in AWS.
    pub(super) fn placed(&self, text: &str) -> String {
        if !self.is_local() {
            return text.to_owned();
        }
        let mut text = text.replace(" in AWS", " in the local AWS");
        for verb in local::also_local() {
            for end in [" ", "`"] {
                let (from, to) = (
                    format!("`{}{end}", verb.name),
                    format!("`local {}{end}", verb.name),
                );
                text = text.replace(&from, &to);
            }
        }
        text
    }

    /// From now on everything goes to the local AWS at this address.
    pub(super) fn go_to_local(&self, endpoint: String) {
        // A command has one local AWS.
        let _ = self.local.set(endpoint);
    }

    /// Whether everything goes to a local AWS.
    pub(super) fn is_local(&self) -> bool {
        self.local.get().is_some()
    }

    /// Where requests go instead of AWS, if anywhere else.
    pub(super) fn endpoint(&self, arguments: &ArgMatches) -> Result<Option<String>, Problem> {
        let given = settings(arguments)?.endpoint;
        let variable = || env::var("AWS_ENDPOINT_URL").ok();
        let found = given.or_else(variable);
        let Some(endpoint) = found.filter(|endpoint| !endpoint.is_empty()) else {
            return Ok(None);
        };
        if ["http://", "https://"]
            .iter()
            .any(|scheme| endpoint.len() > scheme.len() && endpoint.starts_with(scheme))
        {
            return Ok(Some(endpoint));
        }
        let message = format!("an endpoint begins with http:// or https://, got \"{endpoint}\"");
        let help = "mend `--endpoint-url` or AWS_ENDPOINT_URL; without them requests go to AWS";
        Err(Problem::usage(message, help))
    }

    /// What tells the stacks that a run works on from those of the same names elsewhere: the address that requests go
    /// to, empty for AWS.
    pub(super) fn place(&self, arguments: &ArgMatches) -> Result<String, Problem> {
        match self.local.get() {
            Some(endpoint) => Ok(endpoint.clone()),
            None => self.endpoint(arguments).map(Option::unwrap_or_default),
        }
    }

    /// Where a verb's requests go: AWS as its arguments say, or the local AWS. It is the only way to either, so that
    /// no verb goes past the local AWS.
    pub(super) fn clouds(&self, arguments: &ArgMatches) -> Result<Clouds, Problem> {
        let mut settings = settings(arguments)?;
        if let Some(endpoint) = self.local.get() {
            settings.endpoint = Some(endpoint.clone());
            settings.local = true;
        } else {
            // A variable that is no address is told before the SDK takes it.
            let _ = self.endpoint(arguments)?;
        }
        Ok(Clouds::new(settings))
    }

    /// Writes to standard output. Whether it came through is known when the stream is flushed.
    pub(super) fn print(&self, text: &str) {
        self.above(|| self.shell.streams.out(text));
    }

    /// Writes a line to standard error.
    pub(super) fn note(&self, text: &str) {
        if let Some(held) = &mut *self.held.borrow_mut() {
            *held += text;
            held.push('\n');
            return;
        }
        let text = self.fitting(text);
        self.above(|| self.shell.streams.err(&format!("{text}\n")));
    }

    /// What notes are shown on.
    fn page(&self) -> Page {
        Page {
            color: self.shell.color,
            columns: self.shell.terminal.then(columns),
        }
    }

    /// What results are shown on: their reader may be another than that of notes.
    pub(super) fn result_page(&self) -> Page {
        Page {
            color: self.shell.out_color,
            columns: terminal_size_of(io::stdout()).map(|(width, _)| width.0.into()),
        }
    }

    /// A text as it fits the terminal; whoever reads a file or a pipe gets lines as they are.
    fn fitting(&self, text: &str) -> String {
        if self.shell.terminal {
            wrapped(text, columns())
        } else {
            text.to_owned()
        }
    }

    /// Prints something above the live view.
    fn above(&self, print: impl FnOnce()) {
        if self.held.borrow().is_some() {
            return print();
        }
        self.erase();
        print();
        self.draw();
    }

    /// A question is answered, or will never be.
    fn show_held(&self) {
        let held = self.held.borrow_mut().take();
        if let Some(held) = held.filter(|held| !held.is_empty()) {
            self.above(|| self.shell.streams.err(&held));
        }
    }

    fn erase(&self) {
        if let Some(live) = &self.live {
            self.shell.streams.err(&live.borrow_mut().erase());
        }
    }

    fn draw(&self) {
        if let Some(live) = &self.live {
            self.shell.streams.err(&live.borrow_mut().draw(columns()));
        }
    }

    /// Draws the live view anew, again and again.
    pub(super) async fn keep_drawing(&self) -> Infallible {
        loop {
            tokio::time::sleep(TICK).await;
            self.above(|| {});
        }
    }

    /// A line of progress.
    pub(super) fn progress(&self, text: &str) {
        if !self.shell.quiet {
            self.note(text);
        }
    }

    /// Tells why something stopped.
    pub(super) fn problem(&self, stack: Option<&Stack>, problem: &Problem) {
        let mut problem = problem.clone();
        (problem.message, problem.help) =
            (self.placed(&problem.message), self.placed(&problem.help));
        if let Some(stack) = stack {
            let known = problem.causes.is_empty()
                && !self.told.borrow_mut().insert(problem.message.clone());
            if known {
                // Of many stacks without credentials one says why.
                return self.note(&text::problem_of_before(&stack.path, self.shell.color));
            }
            if ![&stack.path, &stack.name]
                .into_iter()
                .any(|name| problem.message.contains(&**name))
            {
                problem.message = format!("{}: {}", stack.path, problem.message);
            }
        }
        self.note(&text::problem(&problem, self.shell.color));
    }

    /// Ctrl-C: what goes on without this program, and how to get back to it.
    pub(super) fn interrupted(&self, verb: &str) {
        if self.held.borrow().is_some() {
            self.shell.streams.err("\n");
        }
        self.show_held();
        self.erase();
        if let Some(live) = &self.live {
            live.borrow_mut().clear();
        }
        let moving = self.moving.borrow();
        for path in moving.values() {
            let text = format!(
                "{path} goes on in AWS without this program: `{verb} {path}` follows it again, `events {path} --follow` \
                 only looks, `cancel {path}` cancels an update"
            );
            self.note(&self.placed(&text));
        }
        let swapping = self.swapping.borrow();
        for path in swapping.values() {
            let text = format!(
                "functions of {path} may be swapped half-way: the same command again goes on, `deploy {path}` without \
                 `--hotswap` from here brings them to what the program says"
            );
            self.note(&self.placed(&text));
        }
        if self.starting.get() && !self.is_local() {
            return self.note("stopped: the local AWS may go on starting; `local down` ends it");
        }
        let lasting = self.lasting.borrow();
        lasting.iter().for_each(|text| self.note(text));
        if moving.is_empty() && swapping.is_empty() && lasting.is_empty() {
            self.note("stopped: no operation was under way");
        }
    }
}

impl Terminal<'_> {
    /// An event of a resource, with a live view: what begins is shown there, what ends above it.
    fn resource(&self, stack: &Stack, event: &StackEvent, path: &str) {
        let Some(live) = &self.live else { return };
        let took = live.borrow_mut().update(&stack.id, path, &event.status);
        if event.status.ends_with("_IN_PROGRESS") {
            return self.above(|| {});
        }
        let what = (path, &*event.kind);
        let mut text = row(&event.status, took.unwrap_or_default(), what, columns());
        if let Some(reason) = text::failure(event) {
            text += &format!("\n      {reason}");
        }
        self.note(&text);
    }
}

impl Host for Terminal<'_> {
    fn event(&self, stack: &Stack, event: &Event) {
        let mut moving = self.moving.borrow_mut();
        match event {
            Event::Executing(_)
            | Event::Attached { .. }
            | Event::Cleaning { .. }
            | Event::RollingBack => {
                moving.insert(stack.id.clone(), stack.path.clone());
            }
            Event::Swapping { .. } => {
                let mut swapping = self.swapping.borrow_mut();
                swapping.insert(stack.id.clone(), stack.path.clone());
            }
            Event::Finished(_) | Event::Stopped(_) => {
                moving.remove(&stack.id);
                self.swapping.borrow_mut().remove(&stack.id);
            }
            _ => {}
        }
        drop(moving);
        if let (Some(live), Event::Finished(_) | Event::Stopped(_)) = (&self.live, event) {
            live.borrow_mut().end(&stack.id);
        }
        match event {
            Event::Stopped(problem) => self.problem(Some(stack), problem),
            Event::Resource { event, path } if self.live.is_some() => {
                self.resource(stack, event, path);
            }
            // That a stack is not what it seems is said to all.
            Event::Swapped(_) => {
                let text = text::event(stack, event).unwrap_or_default();
                self.note(&self.placed(&text));
            }
            // What is asked about, and what is refused, is always shown.
            Event::Planned(review) => self.note(&text::review(stack, review, self.page())),
            event => {
                if let Some(line) = text::event(stack, event) {
                    self.progress(&line);
                }
            }
        }
    }

    fn consent<'a>(
        &'a self,
        stack: &'a Stack,
        question: &'a Question<'a>,
    ) -> LocalBoxFuture<'a, Consent> {
        async move { self.ask(&text::question(stack, question)).await }.boxed_local()
    }
}

impl Terminal<'_> {
    /// Remembers what goes on in AWS should this program be stopped.
    #[cfg(feature = "operate")]
    pub(super) fn lasts(&self, text: &str) {
        self.lasting.borrow_mut().push(text.to_owned());
    }

    /// Sees to it that what was written to standard output is there, for one who reads along; whether anybody
    /// still does.
    pub(super) fn flush(&self) -> Result<bool, Problem> {
        match self.shell.streams.finish() {
            Ok(()) => Ok(true),
            Err(why) => super::closed_or_full(&why, 0).map(|_| false),
        }
    }

    /// Asks a person for a yes, if there is one.
    pub(super) async fn ask(&self, question: &str) -> Consent {
        match self.ask_for(&format!("{question} [y/N]")).await.as_deref() {
            None => Consent::Nobody,
            Some("y" | "Y" | "yes") => Consent::Yes,
            Some(_) => Consent::No,
        }
    }

    /// What a person answers; `None` if there is none.
    pub(super) async fn ask_for(&self, question: &str) -> Option<String> {
        if !self.shell.interactive || self.shell.json {
            return None;
        }
        // One question at a time; what is told meanwhile comes after the answer.
        let _alone = self.asking.lock().await;
        self.erase();
        *self.held.borrow_mut() = Some(String::new());
        self.shell.streams.err(&format!("{question} "));
        // On a thread of its own: operations of other stacks go on, and Ctrl-C is heard.
        let answer = tokio::task::spawn_blocking(read_answer).await;
        self.show_held();
        Some(answer.unwrap_or_default().trim().to_owned())
    }
}

/// The columns of the terminal.
pub(super) fn columns() -> usize {
    terminal_size_of(io::stderr()).map_or(80, |(width, _)| width.0.into())
}

/// A line of standard input; an empty one where that has ended.
fn read_answer() -> String {
    let mut answer = String::new();
    match io::stdin().read_line(&mut answer) {
        Ok(_) => answer,
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Writers;
    use super::*;

    #[test]
    fn what_a_local_run_says_names_local_verbs_and_the_local_aws() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let streams = Writers::new(&mut out, &mut err);
        let shell = Shell {
            streams: &streams,
            color: false,
            out_color: false,
            terminal: false,
            interactive: false,
            json: false,
            quiet: false,
            checkouts: Vec::new(),
            facts: |_| None,
        };
        let terminal = Terminal::new(&shell);
        let text = "A goes on in AWS: `destroy --skip B`, `rollback`, or look at `events A`";
        assert_eq!(terminal.placed(text), text);
        terminal.go_to_local("http://127.0.0.1:1".to_owned());
        let local = "A goes on in the local AWS: `local destroy --skip B`, `local rollback`, or look at `local events A`";
        assert_eq!(terminal.placed(text), local);
    }
}
