//! `bootstrap`: the bucket for files in each account and region that an assembly needs one in.
//!
//! It has the name that the CDK's own bootstrap gives it, so that either serves both: where there is one, there
//! is nothing to do. It is a stack, deployed as any other: reviewed, tokened, and safe to run again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use clap::{ArgMatches, Command};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

use super::EXIT_CODES;
use super::arguments::{aws, flag, stacks, texts};
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
use crate::publish::{Bootstrap, Publisher, no_bucket};
use crate::review::{Approval, Facts};
use crate::run::{self, Ending, Order};
use crate::stack::{Options, Work};

const STORY: &str = "\
Where the bucket is there already, made by this command or by `cdk bootstrap`, nothing is done. The bucket is
private, encrypted, versioned and reached through TLS only; it stays when the stack is deleted, and old
versions go after 30 days.";

pub(super) fn command(command: Command) -> Command {
    let about = "Makes the buckets for files, one for each account and region of the assembly";
    let command = stacks(command)
        .about(about)
        .after_help(format!("{STORY}\n\n{EXIT_CODES}"));
    aws(command).arg(flag("yes", "Approves everything").short('y'))
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
    let (stacks, endings) =
        make_all(&chosen, &clouds, &options, terminal, terminal.shell.facts).await?;
    let stacks: Vec<&Stack> = stacks.iter().collect();
    report::endings(terminal, &stacks, &endings);
    Ok(report::exit_code(&endings))
}

/// Makes every bucket that the stacks need and that is not there: the stacks of the buckets, and what became of
/// each.
pub(super) async fn make_all(
    chosen: &[&Stack],
    clouds: &Clouds,
    options: &Options,
    host: &dyn Host,
    facts: Facts,
) -> Result<(Vec<Stack>, BTreeMap<String, Ending>), Problem> {
    let places = places(chosen, clouds).await?;
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
    };
    let stacks: Vec<&Stack> = places.values().collect();
    let endings = run::all(&stacks, Order::NeededFirst, 8, |stack| run.make(stack)).await;
    Ok((places.into_values().collect(), endings))
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
            let stack = bootstrap_stack(bucket, &cloud.account, &cloud.region);
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
        let is_there = patiently(self.clock, || cloud.storage.has_bucket(&bucket)).await?;
        Ok((!is_there).then_some(cloud))
    }
}

/// The stack of each bucket that the stacks need, by the bucket's name.
async fn places(stacks: &[&Stack], clouds: &Clouds) -> Result<BTreeMap<String, Stack>, Problem> {
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
            let stack = bootstrap_stack(&bucket, &cloud.account, &cloud.region);
            places.insert(bucket, stack);
        }
    }
    Ok(places)
}

/// The stack that makes a bucket.
fn bootstrap_stack(bucket: &str, account: &str, region: &str) -> Stack {
    // `cdk-hnb659fds-assets-123456789012-eu-central-1` is the bucket of the qualifier `hnb659fds`.
    let qualifier = bucket.split('-').nth(1).unwrap_or_default();
    let name = format!("cloudwright-bootstrap-{qualifier}");
    Stack::of_template(&name, (account, region), bucket, template(bucket))
}

fn template(bucket: &str) -> Value {
    let tls = json!({ "Sid": "OnlyThroughTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [{ "Fn::GetAtt": ["Bucket", "Arn"] }, { "Fn::Sub": "${Bucket.Arn}/*" }],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } } });
    json!({
        "Description": "The bucket for files of stacks that cloudwright or the AWS CDK deploy",
        "Resources": {
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "BucketName": bucket,
                    "BucketEncryption": { "ServerSideEncryptionConfiguration": [
                        { "ServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }] },
                    "LifecycleConfiguration": { "Rules": [{
                        "Id": "Old", "Status": "Enabled",
                        "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 1 },
                        "NoncurrentVersionExpiration": { "NoncurrentDays": 30 } }] },
                    "OwnershipControls": { "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] },
                    "PublicAccessBlockConfiguration": { "BlockPublicAcls": true, "BlockPublicPolicy": true,
                        "IgnorePublicAcls": true, "RestrictPublicBuckets": true },
                    "VersioningConfiguration": { "Status": "Enabled" },
                },
            },
            "BucketPolicy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": { "Bucket": { "Ref": "Bucket" },
                    "PolicyDocument": { "Version": "2012-10-17", "Statement": [tls] } },
            },
        },
        "Outputs": { "Bucket": { "Value": { "Ref": "Bucket" } } },
    })
}
