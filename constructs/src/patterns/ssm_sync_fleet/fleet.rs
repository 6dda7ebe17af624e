//! The construct and its settings.

use std::rc::Rc;
use std::time::Duration;

use cloudwright_contract as contract;
use cloudwright_synth::{Construct, Json, Scope, Text};

use super::check::text;
use super::directory::Directory;
use super::handle::SsmSyncFleetRef;
use super::reconcile::{self, Reconcile};
use super::servers::Fleet;
use super::{check, events, script, status};
use crate::autoscaling::GroupRef;
use crate::ec2::LaunchTemplateRef;
use crate::logs::{LogGroup, LogGroupRef};
use crate::s3::{Bucket, BucketRef, Event, Filter};
use crate::sns::TopicRef;
use crate::ssm::{DocumentRef, Servers};
use crate::units::{minutes, seconds};

/// Why a document is not run again by itself.
const RECONCILED: &str = "drop it: a document runs once for each marker, never by itself";

/// Keeps directories of servers equal to a bucket, or runs a document on them when a marker comes.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::patterns::ssm_sync_fleet::{Directory, Fleet};
/// use cloudwright::ec2::{Image, Nat, Vpc};
/// use cloudwright::lambda::Architecture;
/// # let app = App::new();
/// # let stack = app.stack("Content", Environment::new("111111111111", "eu-central-1"));
/// let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
/// let image = Image::amazon_linux_2023(Architecture::Arm64);
/// let servers = Fleet::new(&network, image, "t4g.small", 2..=4)
///     .start_with(["systemctl enable --now nginx"]);
/// let content = SsmSyncFleet::new(Directory::new("/srv/content").mirror().owner("nginx")).fleet(servers);
/// let content = stack.add("Content", content);
/// stack.output("Bucket", content.bucket().name());
/// # app.synth().unwrap();
/// ```
///
/// See the [module](super) for how data flows.
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct SsmSyncFleet {
    work: Work,
    bucket: Option<BucketRef>,
    bucket_with: Vec<Rc<dyn Fn(Bucket) -> Bucket>>,
    events: Vec<Event>,
    servers: Vec<Servers>,
    fleet: Option<Fleet>,
    window: Duration,
    concurrency: Option<Text>,
    errors: Option<Text>,
    delivery: Duration,
    timeout: Duration,
    reconcile: Reconcile,
    output: Option<BucketRef>,
    topic: Option<TopicRef>,
    /// What was said that does not belong to what servers do.
    misplaced: Vec<(&'static str, &'static str)>,
}

/// What servers do.
#[derive(Clone)]
enum Work {
    Sync(Vec<Directory>),
    Run {
        document: DocumentRef,
        marker: Text,
        prefix: Text,
    },
}

impl SsmSyncFleet {
    /// Keeps a directory equal to the bucket: its path, such as `/srv/content`, or a [`Directory`].
    pub fn new(directory: impl Into<Directory>) -> Self {
        Self::doing(Work::Sync(vec![directory.into()]))
    }

    /// Runs a document when a marker comes, which has to be said with [`on_marker`](Self::on_marker). The document
    /// has the parameters of [`object_parameters`](super::object_parameters).
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// use cloudwright::patterns::ssm_sync_fleet::object_parameters;
    /// use cloudwright::ssm::{Document, Servers, Step};
    /// # let app = App::new();
    /// # let stack = app.stack("Orders", Environment::new("111111111111", "eu-central-1"));
    /// let import = ["/opt/shop/import \"s3://$SSM_S3Bucket/$SSM_S3Key\" \"$SSM_S3Version\""];
    /// let import = Document::command("Imports a batch").step(Step::shell("Import", import));
    /// let import = stack.add("Import", object_parameters().into_iter().fold(import, Document::parameter));
    /// let batches = SsmSyncFleet::run_document(&import)
    ///     .on_marker("batch-complete.txt")
    ///     .prefix("orders/")
    ///     .servers(Servers::tagged("role", "shop"));
    /// stack.add("Batches", batches);
    /// # app.synth().unwrap();
    /// ```
    pub fn run_document(document: &DocumentRef) -> Self {
        Self::doing(Work::Run {
            document: document.clone(),
            marker: "".into(),
            prefix: "".into(),
        })
    }

    fn doing(work: Work) -> Self {
        Self {
            work,
            bucket: None,
            bucket_with: Vec::new(),
            events: Vec::new(),
            servers: Vec::new(),
            fleet: None,
            window: seconds(5),
            concurrency: None,
            errors: None,
            delivery: minutes(10),
            timeout: minutes(30),
            reconcile: Reconcile::Usual,
            output: None,
            topic: None,
            misplaced: Vec::new(),
        }
    }

    /// Another directory that follows the bucket.
    pub fn directory(mut self, directory: impl Into<Directory>) -> Self {
        if let Work::Sync(directories) = &mut self.work {
            directories.push(directory.into());
        } else {
            let help = "make a `SsmSyncFleet::new(..)` for directories";
            self.misplaced.push((".directory(..)", help));
        }
        self
    }

    /// The marker: an object of exactly this name, in any folder below the prefix.
    pub fn on_marker(mut self, name: impl Into<Text>) -> Self {
        if let Work::Run { marker, .. } = &mut self.work {
            *marker = name.into();
        } else {
            let help = "make a `SsmSyncFleet::run_document(..)` for a marker";
            self.misplaced.push((".on_marker(..)", help));
        }
        self
    }

    /// What the key of a marker begins with, such as `orders/`.
    pub fn prefix(mut self, beginning: impl Into<Text>) -> Self {
        if let Work::Run { prefix, .. } = &mut self.work {
            *prefix = beginning.into();
        } else {
            let help = "say it of the directory: `Directory::new(..).prefix(..)`";
            self.misplaced.push((".prefix(..)", help));
        }
        self
    }

    /// Follows this bucket, in place of one that is made. It is in the region of the stack.
    pub fn bucket(mut self, bucket: &BucketRef) -> Self {
        self.bucket = Some(bucket.clone());
        self
    }

    /// Says more about the bucket that is made.
    pub fn bucket_with(mut self, say: impl Fn(Bucket) -> Bucket + 'static) -> Self {
        self.bucket_with.push(Rc::new(say));
        self
    }

    /// What has the servers look: whatever is created unless said, and where a directory is a mirror also
    /// whatever is removed. A marker is an object that is created.
    pub fn events(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.events = events.into_iter().collect();
        self
    }

    /// Servers that exist already: those that have all these tags, when it is said more than once. Let them
    /// read the bucket: [`SsmSyncFleetRef::grant_servers`].
    pub fn servers(mut self, servers: Servers) -> Self {
        self.servers.push(servers);
        self
    }

    /// Servers that are made, with a tag of their own.
    pub fn fleet(mut self, fleet: Fleet) -> Self {
        self.fleet = Some(fleet);
        self
    }

    /// For how long after a run further changes wait, to share the next one: 1 second to 15 minutes, and 5
    /// seconds unless said.
    ///
    /// A marker waits for nothing.
    pub fn window(mut self, duration: Duration) -> Self {
        self.window = duration;
        let help = "drop it: each marker starts its document at once, whatever else comes";
        self.of_directories(".window(..)", help)
    }

    /// On how many servers it runs at the same time: a number or a part, such as `"10"` or `"25%"`. Systems
    /// Manager's 50 unless said.
    pub fn max_concurrency(mut self, servers: impl Into<Text>) -> Self {
        self.concurrency = Some(servers.into());
        self
    }

    /// How many servers may fail, as a number or a part, before it is sent to no more. It is sent to all
    /// unless said, since a server that failed keeps no other from following.
    pub fn max_errors(mut self, servers: impl Into<Text>) -> Self {
        self.errors = Some(servers.into());
        self
    }

    /// How long a command may wait for a server: 30 seconds to 30 days, and 10 minutes unless said.
    pub const fn delivery_timeout(mut self, duration: Duration) -> Self {
        self.delivery = duration;
        self
    }

    /// How long a run may take: up to 48 hours, and 30 minutes unless said. A document of one's own says it
    /// in its steps.
    pub fn run_timeout(mut self, duration: Duration) -> Self {
        self.timeout = duration;
        let help = "say it of the document's steps: `Step::shell(..).timeout(..)`";
        self.of_directories(".run_timeout(..)", help)
    }

    /// Has every server look at the bucket this often, whatever changed: 30 minutes to 31 days, and every 30
    /// minutes unless said. So a server that was stopped, or on which a run failed, follows again.
    ///
    /// An association of State Manager does it, which finds servers by one tag
    /// ([AWS](https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-state.html)): where servers are
    /// found by several, nobody looks unless a change comes.
    pub fn reconcile_every(mut self, period: Duration) -> Self {
        self.reconcile = Reconcile::Every(period);
        self.of_directories(".reconcile_every(..)", RECONCILED)
    }

    /// Leaves servers alone until a change comes: one that missed a command waits for the next one.
    pub fn without_reconcile(mut self) -> Self {
        self.reconcile = Reconcile::Never;
        self.of_directories(".without_reconcile()", RECONCILED)
    }

    /// Remembers what only directories can be told, for a program that says it of a document.
    fn of_directories(mut self, said: &'static str, help: &'static str) -> Self {
        if let Work::Run { .. } = &self.work {
            self.misplaced.push((said, help));
        }
        self
    }

    /// Also keeps the output of runs as objects of this bucket.
    pub fn output_bucket(mut self, bucket: &BucketRef) -> Self {
        self.output = Some(bucket.clone());
        self
    }

    /// Tells this topic of each run that fails, takes too long or does not reach its server. A notice that it does not
    /// take for a day is a dead letter ([`SsmSyncFleetRef::lost_notices`]).
    pub fn status_events_to(mut self, topic: &TopicRef) -> Self {
        self.topic = Some(topic.clone());
        self
    }

    fn check(&self, scope: &Scope) {
        check::servers(scope, &self.servers, self.fleet.is_some());
        check::made(scope, self.bucket.is_some(), self.bucket_with.len());
        for (said, help) in &self.misplaced {
            let message = format!("`{said}` does not belong to what these servers do");
            scope.error(&crate::rules::CONTRADICTION, message, *help);
        }
        match &self.work {
            Work::Sync(directories) => {
                check::directories(scope, directories);
                check::events(scope, &self.events, &check::CHANGES);
            }
            Work::Run {
                document, marker, ..
            } => {
                check::marker(scope, marker);
                check::events(scope, &self.events, &check::CHANGES[..1]);
                check::document(scope, document);
            }
        }
    }

    fn make_bucket(&self, scope: &Scope) -> BucketRef {
        let said = self.bucket_with.iter();
        let bucket = said.fold(Bucket::new(), |bucket, say| say(bucket));
        scope.add("Bucket", bucket)
    }

    /// The tags of the servers. Those that are made have one of their own: other servers with it would get
    /// the commands, too.
    fn tags(&self, scope: &Scope) -> Vec<Servers> {
        match self.servers.is_empty() {
            true => vec![Servers::tagged("cloudwright:follows", scope.path())],
            false => self.servers.clone(),
        }
    }

    fn command(
        &self,
        scope: &Scope,
        (bucket, document, logs): (&BucketRef, &DocumentRef, &LogGroupRef),
        tags: &[Servers],
    ) -> contract::Command<Json> {
        let target = |tag: &Servers| contract::Target {
            tag: tag.tag().to_string(),
            values: tag.values().iter().cloned().map(text).collect(),
        };
        let targets = tags.iter().map(target).collect();
        let mut command = contract::Command::new(document.name().as_json().clone(), targets);
        command.bucket = Some(bucket.name().as_json().clone());
        command.max_concurrency =
            check::limit(scope, "the concurrency", self.concurrency.as_ref(), 1);
        let errors = check::limit(scope, "the limit of errors", self.errors.as_ref(), 0);
        command.max_errors = Some(errors.unwrap_or(contract::Limit::Percent(100)));
        command.delivery_seconds = check::delivery(scope, self.delivery);
        command.output = contract::Output {
            bucket: self
                .output
                .as_ref()
                .map(|bucket| bucket.name().as_json().clone()),
            prefix: String::new(),
            log_group: Some(logs.name().as_json().clone()),
        };
        if let Work::Run { marker, prefix, .. } = &self.work {
            command.marker = Some(contract::Marker {
                prefix: prefix.clone().into_owned(),
                name: marker.clone().into_owned(),
            });
        }
        command
    }

    /// Has the queue told of what concerns the servers.
    fn notify(&self, bucket: &BucketRef, queue: &crate::sqs::QueueRef) {
        let mirror = matches!(&self.work, Work::Sync(all) if all.iter().any(Directory::is_mirror));
        let events = match (self.events.is_empty(), mirror) {
            (false, _) => self.events.clone(),
            (true, false) => vec![Event::ObjectCreated],
            (true, true) => vec![
                Event::ObjectCreated,
                Event::ObjectRemoved,
                Event::LifecycleExpiration,
            ],
        };
        let filter = match &self.work {
            // The handler looks again: a suffix is also the end of longer names.
            Work::Run { marker, prefix, .. } => {
                Filter::prefix(prefix.clone()).and_suffix(marker.clone())
            }
            Work::Sync(directories) => match &directories[..] {
                [only] => Filter::prefix(only.key_prefix().clone()),
                _ => Filter::prefix(""),
            },
        };
        bucket.notify(events, filter, queue);
    }

    fn servers_made(
        &self,
        scope: &Scope,
        bucket: &BucketRef,
        tags: &[Servers],
    ) -> Option<(LaunchTemplateRef, GroupRef)> {
        let fleet = self.fleet.as_ref()?;
        let first = match &self.work {
            Work::Sync(directories) => Some(script::boot(scope, directories, bucket, &fleet.start)),
            Work::Run { .. } if fleet.start.is_empty() => None,
            Work::Run { .. } => {
                Some(crate::ec2::UserData::bash().lines(fleet.start.iter().cloned()))
            }
        };
        Some(fleet.make(scope, first, tags))
    }
}

impl Construct for SsmSyncFleet {
    type Handle = SsmSyncFleetRef;

    fn construct(self, scope: &Scope) -> SsmSyncFleetRef {
        self.check(scope);
        let bucket = self
            .bucket
            .clone()
            .unwrap_or_else(|| self.make_bucket(scope));
        let tags = self.tags(scope);
        let document = match &self.work {
            Work::Sync(directories) => script::document(scope, directories, &bucket, self.timeout),
            Work::Run { document, .. } => document.clone(),
        };
        let logs = scope.add("Logs", LogGroup::new());
        let command = self.command(scope, (&bucket, &document, &logs), &tags);
        let window = check::window(scope, self.window);
        let queue = events::queue(scope, window);
        let ledger = events::ledger(scope);
        let follows = matches!(self.work, Work::Sync(_));
        let mut plan = contract::SsmSync::new(vec![command]);
        plan.ledger = Some(ledger.name().as_json().clone());
        if follows {
            plan.window = Some(contract::Window {
                seconds: window,
                queue_url: queue.url().as_json().clone(),
            });
        }
        if follows {
            let settings = &plan.commands[0];
            reconcile::add(scope, self.reconcile, &document, &tags, settings);
        }
        let function = events::function(scope, plan, &queue, &ledger);
        if follows {
            reconcile::on_demand(scope, &function);
        }
        document.grant_run(&function, &tags);
        if let Some(output) = &self.output {
            let send = crate::iam::Statement::allow(["ssm:SendCommand"]);
            function.add_statement(send.on(output.arn()));
        }
        self.notify(&bucket, &queue);
        let made = self.servers_made(scope, &bucket, &tags);
        let (template, group) = made.unzip();
        let (rules, lost_notices) = status::rules(scope, &document, self.topic.as_ref());
        let fleet = SsmSyncFleetRef {
            scope: scope.clone(),
            rules,
            lost_notices,
            bucket,
            events: queue,
            function,
            document,
            logs,
            output: self.output,
            group,
        };
        if let Some(template) = &template {
            fleet.grant_servers(template);
        }
        fleet
    }
}
