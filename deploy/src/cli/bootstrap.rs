//! `bootstrap`: the bucket for files and the repository for images in each account and region that an assembly needs one in.
//!
//! They have the names that the CDK's own bootstrap gives them, so that either serves both: where they are, there
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
use crate::assembly::{Stack, in_place, repository_beside};
use crate::aws::{Clouds, RealClock};
use crate::cloud::{Cloud, ImageState};
use crate::event::{Done, Event, Host, Outcome};
use crate::pace::patiently;
use crate::problem::Problem;
use crate::publish::{Bootstrap, Publisher, no_bucket, no_repository, unusable};
use crate::review::{Approval, Facts};
use crate::run::{self, Ending, Order};
use crate::stack::{Options, Work};
pub(super) use template::Trust;
use template::template;

const STORY: &str = "\
Where the bucket is there already, made by this command or by `cdk bootstrap`, nothing is done. The bucket is
private, encrypted, versioned and reached through TLS only; it stays when the stack is deleted, and old
versions go after 30 days. Beside it there is the repository for container images, which takes each tag once, and
stays, too; a bootstrap of before is brought up to date where a stack has images.

With --trust or --execution-policy there are two roles as well, where the bucket is ours: callers of this and
of the trusted accounts may assume the one to deploy, `deploy --assume-role NAME`, and CloudFormation works as
the other, `deploy --role-arn ARN`, with the policies that are named. Both are outputs. The command that names
other accounts or policies replaces them.";

pub(super) fn command(command: Command) -> Command {
    let about = "Makes the buckets for files, one for each account and region of the assembly";
    let command = stacks(command)
        .about(about)
        .after_help(format!("{STORY}\n\n{}\n\n{EXIT_CODES}", report::JSON));
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
    places: Places,
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
        images: &places.images,
    };
    let stacks: Vec<&Stack> = places.stacks.values().collect();
    let endings = run::all(&stacks, Order::NeededFirst, 8, |stack| run.make(stack)).await;
    (places.stacks.into_values().collect(), endings)
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
            let stack = bootstrap_stack(bucket, &cloud.account, &cloud.region, None);
            let has_bucket = patiently(self.clock, || cloud.storage.has_bucket(bucket)).await?;
            let missing = if has_bucket {
                require_ours(self.clock, cloud, &stack, "the repository").await?;
                no_repository(cloud, &repository_beside(bucket))
            } else {
                no_bucket(cloud, bucket)
            };
            if !self.yes && (!shell.interactive || shell.json) {
                return Err(missing);
            }
            let what = if has_bucket {
                "repository for images"
            } else {
                "bucket for files"
            };
            let place = format!("{} {}", cloud.account, cloud.region);
            let said = format!("there is no {what} in {place}: it is made first");
            self.terminal.progress(&said);
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
    /// The buckets beside which there has to be a repository.
    images: &'a BTreeSet<String>,
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
            require_ours(self.clock, &cloud, stack, "the roles").await?;
            return Ok(Some(cloud));
        }
        if is_there && !self.has_repository(&cloud, &bucket).await? {
            require_ours(self.clock, &cloud, stack, "the repository").await?;
            return Ok(Some(cloud));
        }
        Ok((!is_there).then_some(cloud))
    }

    /// Whether there is the repository beside a bucket, if anybody needs it.
    async fn has_repository(&self, cloud: &Cloud, bucket: &str) -> Result<bool, Problem> {
        let Some(images) = cloud
            .images
            .as_ref()
            .filter(|_| self.images.contains(bucket))
        else {
            return Ok(true);
        };
        let repository = repository_beside(bucket);
        let found = patiently(self.clock, || images.find(&repository, "0")).await?;
        Ok(found != ImageState::NoRepository)
    }
}

/// Refuses to change what somebody else's bootstrap has made.
async fn require_ours(
    clock: &RealClock,
    cloud: &Cloud,
    stack: &Stack,
    what: &str,
) -> Result<(), Problem> {
    let ours = patiently(clock, || cloud.formation.stack(&stack.name)).await?;
    if ours.is_some() {
        return Ok(());
    }
    let bucket = stack.bucket();
    let message = format!("the bucket {bucket} is there, and not by this command");
    let help =
        format!("whoever made it makes {what}: `cdk bootstrap`, with `--trust ..` for roles");
    Err(Problem::usage(message, help))
}

/// The places that are bootstrapped.
pub(super) struct Places {
    /// The stack of each bucket that the stacks need, by the bucket's name.
    stacks: BTreeMap<String, Stack>,
    /// The buckets beside which there has to be a repository.
    images: BTreeSet<String>,
}

/// Where the stacks need a bucket, and where a repository.
pub(super) async fn places(
    stacks: &[&Stack],
    clouds: &Clouds,
    trust: Option<&Trust>,
) -> Result<Places, Problem> {
    let mut places = Places {
        stacks: BTreeMap::new(),
        images: BTreeSet::new(),
    };
    for stack in stacks {
        let cloud = clouds
            .cloud(stack.account.as_deref(), stack.region.as_deref())
            .await?;
        let buckets = stack
            .assets
            .iter()
            .map(|asset| asset.bucket.clone())
            .chain([stack.bucket()]);
        let in_place = |text: &str| in_place(text, &cloud.account, &cloud.region);
        let beside = stack.images.first().map(|_| in_place(&stack.bucket()));
        places.images.extend(beside);
        for bucket in buckets.collect::<BTreeSet<_>>() {
            let bucket = in_place(&bucket);
            let stack = bootstrap_stack(&bucket, &cloud.account, &cloud.region, trust);
            places.stacks.insert(bucket, stack);
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
