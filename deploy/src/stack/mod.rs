//! One stack: from whatever status it is in to what the assembly says, or to a reason why not.
//!
//! `deploy.rs` and `destroy.rs` look at the stack, take the step that its status allows ([`Status::next`]),
//! and look again. What a step needs is in a file each: `desired.rs` (what is wanted, and whether it is there
//! already), `changes.rs` (the change set and its review), `follow.rs` (the events of an operation until its
//! end), `causes.rs` (why it failed), `logged.rs` (what a custom resource said before it did) and `before.rs` (what is
//! there before). `hotswap.rs` updates functions past
//! CloudFormation, where nothing else changes.
//!
//! [`Status::next`]: crate::status::Status::next

mod before;
mod causes;
mod changes;
mod deploy;
mod desired;
mod destroy;
pub mod diff;
mod follow;
pub mod hotswap;
pub mod import;
mod logged;
mod losses;
mod recover;
pub mod skip;

use std::collections::BTreeSet;

use crate::assembly::{Stack, in_place};
use crate::cloud::{Clock, Cloud, StackState};
use crate::event::{Consent, Done, Event, Host, Question};
use crate::pace::patiently;
use crate::parameters::Parameter;
use crate::problem::Problem;
use crate::publish::Publisher;
use crate::review::{Approval, Facts};
use diff::Difference;
use hotswap::Swaps;
use import::{Existing, Importable};

/// How often a stack is looked at before it is given up as one that others keep changing.
const LOOKS: usize = 8;

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// From which changes on a person is asked.
    pub approval: Approval,
    /// Everything that is asked is answered by yes, but no loss of data.
    pub yes: bool,
    /// The logical ids whose data may be lost.
    pub allow_data_loss: BTreeSet<String>,
    /// Whether the run is about one stack, so that a logical id needs no stack before it.
    pub sole: bool,
    /// The logical ids of buckets that are emptied before they are deleted.
    pub empty_buckets: BTreeSet<String>,
    /// Values of parameters.
    pub parameters: Vec<Parameter>,
    /// Whether to wait for an operation of somebody else, and then to go on.
    pub wait: bool,
    /// The role that CloudFormation works as; `${AWS::AccountId}` and `${AWS::Region}` are those of the stack.
    pub role: Option<String>,
    /// Resources that a rollback goes on without, or that a deletion leaves behind.
    pub skip: Vec<String>,
}

/// The work on one stack.
pub struct Work<'a> {
    /// The stack of the assembly.
    pub stack: &'a Stack,
    /// Where it goes.
    pub cloud: &'a Cloud,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Who watches and decides.
    pub host: &'a dyn Host,
    /// Who uploads its files.
    pub publisher: &'a Publisher<'a>,
    /// What the command line says.
    pub options: &'a Options,
    /// The facts about resource types.
    pub facts: Facts,
    /// How functions are updated past CloudFormation; `None` where none is, nor was.
    pub swaps: Option<Swaps<'a>>,
}

impl Work<'_> {
    /// Makes the stack what the assembly says.
    ///
    /// # Errors
    /// When it is not approved, when AWS refuses it, when it fails, or when somebody else holds the stack.
    pub async fn deploy(&self) -> Result<Done, Problem> {
        self.told(match &self.swaps {
            None => deploy::deploy(self).await,
            Some(swaps) if swaps.wanted => hotswap::deploy(self, swaps).await,
            Some(swaps) => hotswap::deploy_and_bring_back(self, swaps).await,
        })
    }

    /// Makes resources that exist part of the stack, and changes nothing else.
    ///
    /// # Errors
    /// As [`Work::deploy`].
    pub async fn import(&self, resources: &[Existing]) -> Result<Done, Problem> {
        self.told(import::import(self, resources).await)
    }

    /// The resources of the program that the deployed stack lacks, and what each is known by.
    ///
    /// # Errors
    /// When the stack cannot be read.
    pub async fn importable(&self) -> Result<Vec<Importable>, Problem> {
        import::importable(self).await
    }

    /// What a deployment would change; by a change set where `ask` says so, and CloudFormation makes one.
    ///
    /// # Errors
    /// When the stack cannot be read, or AWS refuses the changes.
    pub async fn diff(&self, ask: bool) -> Result<Difference, Problem> {
        diff::diff(self, ask).await
    }

    /// Deletes the stack.
    ///
    /// # Errors
    /// As [`Work::deploy`].
    pub async fn destroy(&self) -> Result<Done, Problem> {
        self.told(destroy::destroy(self).await)
    }

    /// Rolls back what failed: from a status that allows it.
    ///
    /// # Errors
    /// As [`Work::deploy`].
    pub async fn rollback(&self) -> Result<Done, Problem> {
        self.told(recover::rollback(self).await)
    }

    /// Cancels the update under way.
    ///
    /// # Errors
    /// As [`Work::deploy`].
    pub async fn cancel(&self) -> Result<Done, Problem> {
        self.told(recover::cancel(self).await)
    }

    fn told(&self, result: Result<Done, Problem>) -> Result<Done, Problem> {
        self.event(match &result {
            Ok(done) => Event::Finished(done.clone()),
            Err(problem) => Event::Stopped(problem.clone()),
        });
        result
    }

    #[allow(
        clippy::needless_pass_by_value,
        reason = "an event is made where it is told"
    )]
    fn event(&self, event: Event) {
        self.host.event(self.stack, &event);
    }

    /// The stack as it is now.
    async fn look(&self) -> Result<Option<StackState>, Problem> {
        self.look_at(&self.stack.name).await
    }

    /// A stack by its name or its id.
    async fn look_at(&self, stack: &str) -> Result<Option<StackState>, Problem> {
        Ok(patiently(self.clock, || self.cloud.formation.stack(stack)).await?)
    }

    /// Whether a list of the command line names a logical id of this stack: `STACK:ID`, or `ID` in a run about
    /// one stack.
    fn is_named(&self, list: &BTreeSet<String>, id: &str) -> bool {
        let Stack { path, name, .. } = self.stack;
        let qualified = [path, name]
            .into_iter()
            .any(|stack| list.contains(&format!("{stack}:{id}")));
        qualified || (self.options.sole && list.contains(id))
    }

    /// How the command line names a logical id of this stack.
    fn name_of(&self, id: &str) -> String {
        if self.options.sole {
            id.to_owned()
        } else {
            format!("{}:{id}", self.stack.name)
        }
    }

    /// The role that CloudFormation works as, in this account and region.
    fn role(&self) -> Option<String> {
        let role = self.options.role.as_ref()?;
        Some(in_place(role, &self.cloud.account, &self.cloud.region))
    }

    /// The bucket for what is uploaded for this stack.
    fn bucket(&self) -> String {
        in_place(
            &self.stack.bucket(),
            &self.cloud.account,
            &self.cloud.region,
        )
    }

    /// Asks, and turns anything but a yes into a stop. `--yes` answers every question but those about data.
    async fn ask(&self, question: &Question<'_>, what: &str, help: &str) -> Result<(), Problem> {
        let consent = if self.options.yes {
            Consent::Yes
        } else {
            self.host.consent(self.stack, question).await
        };
        let why = match consent {
            Consent::Yes => return Ok(()),
            Consent::No => "was declined",
            Consent::Nobody => "needs approval, and there is nobody to ask",
        };
        Err(Problem::refused(
            format!("{what} of {} {why}", self.stack.path),
            help,
        ))
    }
}
