//! `bootstrap`: the bucket for files in each account and region that an assembly needs one in.
//!
//! It has the name that the CDK's own bootstrap gives it, so that either serves both: where there is one, there
//! is nothing to do. It is a stack, deployed as any other: reviewed, tokened, and safe to run again.

mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use clap::{ArgAction, ArgMatches, Command};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use super::EXIT_CODES;
use super::arguments::{aws, flag, is_account, option, stacks, texts};
use super::chosen::{Along, assembly, choose};
use super::made::Packages;
use super::report;
use super::terminal::Terminal;
use crate::assembly::{Stack, in_place};
use crate::aws::{Clouds, RealClock};
use crate::cloud::Cloud;
use crate::event::{Done, Event, Host, Outcome};
use crate::pace::patiently;
use crate::problem::Problem;
use crate::publish::{Bootstrap, Publisher, no_bucket, unusable};
use crate::review::{Approval, Facts};
use crate::run::{self, Ending, Order};
use crate::stack::{Options, Work};
pub(super) use template::Trust;
use template::template;

const STORY: &str = "\
Where the bucket is there already, made by this command or by `cdk bootstrap`, nothing is done. The bucket is
private, encrypted, versioned and reached through TLS only; it stays when the stack is deleted, and old
versions go after 30 days.

With --trust or --execution-policy there are two roles as well, where the bucket is ours: callers of this and
of the trusted accounts may assume the one to deploy, `deploy --assume-role NAME`, and CloudFormation works as
the other, `deploy --role-arn ARN`, with the policies that are named. Both are outputs. The command that names
other accounts or policies replaces them.";

pub(super) fn command(command: Command) -> Command {
    let about = "Makes the buckets for files, one for each account and region of the assembly";
    let command = stacks(command)
        .about(about)
        .after_help(format!("{STORY}\n\n{EXIT_CODES}"));
    let trust = option(
        "trust",
        "ACCOUNT",
        "An account whose callers may deploy here",
    );
    let policy = option(
        "execution-policy",
        "ARN",
        "A managed policy of what CloudFormation may do for them",
    );
    aws(command)
        .arg(trust.action(ArgAction::Append).requires("execution-policy"))
        .arg(policy.action(ArgAction::Append))
        .arg(flag("yes", "Approves everything").short('y'))
}

/// Whom the command line trusts.
fn trust(arguments: &ArgMatches) -> Result<Option<Trust>, Problem> {
    let (accounts, policies) = (
        texts(arguments, "trust"),
        texts(arguments, "execution-policy"),
    );
    if let Some(other) = accounts.iter().find(|account| !is_account(account)) {
        let message = format!("an account is 12 digits, got \"{other}\"");
        return Err(Problem::usage(
            message,
            "name it by its number: `--trust 123456789012`",
        ));
    }
    if let Some(other) = policies.iter().find(|policy| !policy.starts_with("arn:")) {
        let message = format!("a managed policy is named by its ARN, got \"{other}\"");
        let help = "for example `--execution-policy arn:aws:iam::aws:policy/PowerUserAccess`";
        return Err(Problem::usage(message, help));
    }
    Ok((!policies.is_empty()).then_some(Trust { accounts, policies }))
}

pub(super) async fn run(
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let assembly = assembly(app)?;
    let clouds = terminal.clouds(arguments)?;
    let chosen = choose(&assembly, &texts(arguments, "stacks"), Along::Nobody)?;
    let options = Options {
        yes: arguments.get_flag("yes"),
        sole: true,
        ..Options::default()
    };
    let trust = trust(arguments)?;
    let places = places(&chosen, &clouds, trust.as_ref()).await?;
    let facts = terminal.shell.facts;
    let (stacks, endings) = make_all(
        places,
        trust.is_some(),
        &clouds,
        &options,
        (terminal, facts),
    )
    .await;
    let stacks: Vec<&Stack> = stacks.iter().collect();
    report::endings(terminal, &stacks, &endings);
    Ok(report::exit_code(&endings))
}

/// Makes every bucket that is not there, and its roles if somebody is trusted: the stacks, and what became of
/// each.
pub(super) async fn make_all(
    places: BTreeMap<String, Stack>,
    trusts: bool,
    clouds: &Clouds,
    options: &Options,
    (host, facts): (&dyn Host, Facts),
) -> (Vec<Stack>, BTreeMap<String, Ending>) {
    let clock = RealClock::start();
    let packages = Packages {
        checkouts: Vec::new(),
        quiet: true,
    };
    let publisher = Publisher::new(&clock, &packages);
    let run = Run {
        clouds,
        clock: &clock,
        publisher: &publisher,
        options,
        host,
        facts,
        trusts,
    };
    let stacks: Vec<&Stack> = places.values().collect();
    let endings = run::all(&stacks, Order::NeededFirst, 8, |stack| run.make(stack)).await;
    (places.into_values().collect(), endings)
}

/// Makes buckets that a deployment finds missing: after consent, as any other stack.
pub(super) struct Offer<'a> {
    pub(super) clock: &'a RealClock,
    pub(super) packages: &'a Packages,
    /// Whether everything is approved.
    pub(super) yes: bool,
    pub(super) role: Option<String>,
    pub(super) terminal: &'a Terminal<'a>,
}

impl Bootstrap for Offer<'_> {
    fn make<'a>(
        &'a self,
        cloud: &'a Cloud,
        bucket: &'a str,
    ) -> LocalBoxFuture<'a, Result<(), Problem>> {
        async move {
            let shell = self.terminal.shell;
            if !self.yes && (!shell.interactive || shell.json) {
                return Err(no_bucket(cloud, bucket));
            }
            let place = format!("{} {}", cloud.account, cloud.region);
            let said = format!("there is no bucket for files in {place}: it is made first");
            self.terminal.progress(&said);
            let stack = bootstrap_stack(bucket, &cloud.account, &cloud.region, None);
            let options = Options {
                approval: Approval::AnyChange,
                yes: self.yes,
                sole: true,
                role: self.role.clone(),
                ..Options::default()
            };
            let work = Work {
                stack: &stack,
                cloud,
                clock: self.clock,
                host: self.terminal,
                publisher: &Publisher::new(self.clock, self.packages),
                options: &options,
                facts: shell.facts,
                swaps: None,
            };
            work.deploy().await.map(drop)
        }
        .boxed_local()
    }
}

/// What the stacks of a run share.
struct Run<'a> {
    clouds: &'a Clouds,
    clock: &'a RealClock,
    publisher: &'a Publisher<'a>,
    options: &'a Options,
    host: &'a dyn Host,
    facts: Facts,
    /// Whether there are roles to make.
    trusts: bool,
}

impl Run<'_> {
    /// Makes a bucket where there is none.
    async fn make(&self, stack: &Stack) -> Result<Done, Problem> {
        let cloud = self
            .ready(stack)
            .await
            .inspect_err(|problem| self.host.event(stack, &Event::Stopped(problem.clone())))?;
        let Some(cloud) = cloud else {
            let outputs = BTreeMap::from([("Bucket".to_owned(), stack.bucket())]);
            return Ok(Done {
                outcome: Outcome::Unchanged,
                outputs,
            });
        };
        let work = Work {
            stack,
            cloud: &cloud,
            clock: self.clock,
            host: self.host,
            publisher: self.publisher,
            options: self.options,
            facts: self.facts,
            swaps: None,
        };
        work.deploy().await
    }

    /// Where a bucket is to be made; `None` where there is one.
    async fn ready(&self, stack: &Stack) -> Result<Option<Rc<Cloud>>, Problem> {
        let cloud = self
            .clouds
            .cloud(stack.account.as_deref(), stack.region.as_deref())
            .await?;
        let bucket = stack.bucket();
        let is_there = patiently(self.clock, || cloud.storage.has_bucket(&bucket)).await;
        let is_there = is_there.map_err(|fault| unusable(&cloud, &bucket, fault))?;
        if is_there && self.trusts {
            let ours = patiently(self.clock, || cloud.formation.stack(&stack.name)).await?;
            if ours.is_none() {
                let message = format!("the bucket {bucket} is there, and not by this command");
                let help = "whoever made it makes the roles: `cdk bootstrap --trust ..`";
                return Err(Problem::usage(message, help));
            }
            return Ok(Some(cloud));
        }
        Ok((!is_there).then_some(cloud))
    }
}

/// The stack of each bucket that the stacks need, by the bucket's name.
pub(super) async fn places(
    stacks: &[&Stack],
    clouds: &Clouds,
    trust: Option<&Trust>,
) -> Result<BTreeMap<String, Stack>, Problem> {
    let mut places = BTreeMap::new();
    for stack in stacks {
        let cloud = clouds
            .cloud(stack.account.as_deref(), stack.region.as_deref())
            .await?;
        let buckets = stack
            .assets
            .iter()
            .map(|asset| asset.bucket.clone())
            .chain([stack.bucket()]);
        for bucket in buckets.collect::<BTreeSet<_>>() {
            let bucket = in_place(&bucket, &cloud.account, &cloud.region);
            let stack = bootstrap_stack(&bucket, &cloud.account, &cloud.region, trust);
            places.insert(bucket, stack);
        }
    }
    Ok(places)
}

/// The stack that makes a bucket.
fn bootstrap_stack(bucket: &str, account: &str, region: &str, trust: Option<&Trust>) -> Stack {
    // `cdk-hnb659fds-assets-123456789012-eu-central-1` is the bucket of the qualifier `hnb659fds`.
    let qualifier = bucket.split('-').nth(1).unwrap_or_default();
    let name = format!("cloudwright-bootstrap-{qualifier}");
    let template = template(bucket, qualifier, trust);
    Stack::of_template(&name, (account, region), bucket, template)
}
