//! What a deployment needs of AWS, as small traits: CloudFormation, a store of files, functions, and time.
//!
//! Everything that decides anything is written over these traits, so that it is tested with scripted
//! answers and with time that passes at once. With the feature `aws` the SDK's clients are behind them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use crate::fault::Fault;
use crate::running::services::Logs;
use crate::status::Status;

/// A request and its answer.
pub type Call<'a, T> = LocalBoxFuture<'a, Result<T, Fault>>;

/// One account and region.
pub struct Cloud {
    /// The account's 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// Its CloudFormation.
    pub formation: Box<dyn Formation>,
    /// Its S3.
    pub storage: Box<dyn Storage>,
    /// Its registry of container images, where the program was built with the feature `images`.
    pub images: Option<Box<dyn Images>>,
    /// Its CloudWatch Logs, where the program was built with the feature `operate`.
    pub logs: Option<Box<dyn Logs>>,
}

/// CloudFormation in one account and region.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/Welcome.html>
pub trait Formation {
    /// A stack by its name, or by its id also after it is deleted. `None` when there is none.
    fn stack<'a>(&'a self, stack: &'a str) -> Call<'a, Option<StackState>>;
    /// The template as it was last deployed.
    fn template<'a>(&'a self, stack: &'a str) -> Call<'a, String>;
    /// The resources, of all pages.
    fn resources<'a>(&'a self, stack: &'a str) -> Call<'a, Vec<StackResource>>;
    /// A page of events, the newest first.
    fn events<'a>(&'a self, stack: &'a str, page: Option<&'a str>) -> Call<'a, EventPage>;
    /// What was found before anything was provisioned: for a change set, or else for the last operation.
    fn findings<'a>(
        &'a self,
        stack: &'a str,
        change_set: Option<&'a str>,
    ) -> Call<'a, Vec<Finding>>;
    /// Has a change set made.
    fn create_change_set<'a>(&'a self, order: &'a ChangeSetOrder) -> Call<'a, ()>;
    /// A page of a change set.
    fn change_set<'a>(
        &'a self,
        stack: &'a str,
        name: &'a str,
        page: Option<&'a str>,
    ) -> Call<'a, ChangeSetPage>;
    /// Starts the operation of a change set. What it creates is deleted again if the creation fails, also
    /// where its policy is to retain it. The events of the operation carry the token.
    fn execute_change_set<'a>(
        &'a self,
        stack: &'a str,
        name: &'a str,
        token: &'a str,
    ) -> Call<'a, ()>;
    /// Deletes a change set that is not executed.
    fn delete_change_set<'a>(&'a self, stack: &'a str, name: &'a str) -> Call<'a, ()>;
    /// Starts the deletion of a stack. The resources to `retain` are those of a stack whose deletion failed.
    fn delete_stack<'a>(
        &'a self,
        stack: &'a str,
        retain: &'a [String],
        token: &'a str,
    ) -> Call<'a, ()>;
    /// Continues a rollback that failed, without the resources to `skip`.
    fn continue_rollback<'a>(
        &'a self,
        stack: &'a str,
        skip: &'a [String],
        token: &'a str,
    ) -> Call<'a, ()>;
    /// Rolls back a failed creation or update that was told not to roll back.
    fn rollback<'a>(&'a self, stack: &'a str, token: &'a str) -> Call<'a, ()>;
    /// Cancels an update under way, which rolls it back.
    fn cancel_update<'a>(&'a self, stack: &'a str, token: &'a str) -> Call<'a, ()>;
    /// The stacks that import an export.
    fn importers<'a>(&'a self, export: &'a str) -> Call<'a, Vec<String>>;
    /// Starts a comparison with the real resources, and gives its id.
    fn detect_drift<'a>(&'a self, stack: &'a str) -> Call<'a, String>;
    /// Whether a comparison is done.
    fn is_drift_detected<'a>(&'a self, detection: &'a str) -> Call<'a, bool>;
    /// The resources that differ from the template, of all pages.
    fn drifts<'a>(&'a self, stack: &'a str) -> Call<'a, Vec<Drift>>;
    /// Turns termination protection on or off.
    fn protect<'a>(&'a self, stack: &'a str, on: bool) -> Call<'a, ()>;
}

/// S3 in one account and region.
pub trait Storage {
    /// Whether the bucket can be used by this caller.
    fn has_bucket<'a>(&'a self, bucket: &'a str) -> Call<'a, bool>;
    /// The size in bytes of an object, found by listing: a question for a missing object by its name would
    /// be remembered as missing.
    fn size<'a>(&'a self, bucket: &'a str, key: &'a str) -> Call<'a, Option<u64>>;
    /// Uploads a file with its SHA-256 for S3 to check. An object that is there is never overwritten, unless the
    /// file `replaces` one that counts as missing.
    fn upload<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        content: Content<'a>,
        replaces: bool,
    ) -> Call<'a, ()>;
    /// The address of an object, as CloudFormation takes it for a template.
    fn url(&self, bucket: &str, key: &str) -> String;
    /// How many objects (versions and delete markers) a bucket holds, at most a page of them.
    fn count<'a>(&'a self, bucket: &'a str) -> Call<'a, usize>;
    /// Deletes every version of every object, and tells how many there were.
    fn empty<'a>(&'a self, bucket: &'a str) -> Call<'a, usize>;
}

/// Where an image is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageState {
    /// There is no such repository.
    NoRepository,
    /// The repository has no image of the tag.
    Missing,
    /// It is there.
    There,
}

/// Container images in one account and region.
pub trait Images {
    /// Looks for the image of a tag.
    fn find<'a>(&'a self, repository: &'a str, tag: &'a str) -> Call<'a, ImageState>;
    /// Pushes the image of a folder with an
    /// [OCI layout](https://github.com/opencontainers/image-spec/blob/main/image-layout.md), and gives its digest. What
    /// the repository has of it already is not sent again.
    fn push<'a>(&'a self, repository: &'a str, tag: &'a str, layout: &'a Path) -> Call<'a, String>;
}

/// Lambda in one account and region, as far as functions are updated past CloudFormation.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>
pub trait Lambda {
    /// A function by its name.
    fn function<'a>(&'a self, name: &'a str) -> Call<'a, FunctionState>;
    /// Gives a function other code. It is there once the function is settled again.
    fn update_code<'a>(&'a self, name: &'a str, code: &'a Code) -> Call<'a, ()>;
    /// Gives a function other settings, if it is still of this revision.
    fn update_settings<'a>(
        &'a self,
        name: &'a str,
        revision: &'a str,
        settings: &'a FunctionSettings,
    ) -> Call<'a, ()>;
}

/// A function that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionState {
    /// What changes with every update.
    pub revision: String,
    /// Its environment.
    pub variables: BTreeMap<String, String>,
    /// Why its environment cannot be read.
    pub unreadable: Option<String>,
    /// The log group that it writes to.
    pub log_group: Option<String>,
    /// Whether an update of it is under way.
    pub is_moving: bool,
    /// Why its last update failed.
    pub failure: Option<String>,
}

/// Where the code of a function is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// An archive in S3.
    Archive {
        /// The bucket.
        bucket: String,
        /// The key in it.
        key: String,
    },
    /// A container image, by its URI.
    Image(String),
}

/// Settings of a function that are to be other ones; the others stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionSettings {
    /// What it is for.
    pub description: Option<String>,
    /// What is called in its code.
    pub handler: Option<String>,
    /// Such as `python3.13`.
    pub runtime: Option<String>,
    /// How many seconds a call may take.
    pub timeout: Option<i32>,
    /// Its memory in MB.
    pub memory: Option<i32>,
    /// All of its environment.
    pub variables: Option<BTreeMap<String, String>>,
}

/// What is uploaded.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// A file.
    File(&'a Path),
    /// These bytes, of JSON.
    Json(&'a [u8]),
}

/// Time.
pub trait Clock {
    /// The time since some moment in the past.
    fn now(&self) -> Duration;
    /// Passes time.
    fn sleep(&self, time: Duration) -> LocalBoxFuture<'_, ()>;
}

/// A stack that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackState {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: Status,
    /// Why it has the status, where CloudFormation says so.
    pub reason: Option<String>,
    /// Its outputs by name.
    pub outputs: BTreeMap<String, String>,
    /// The names of its exports.
    pub exports: Vec<String>,
    /// Its parameters as they were given; a secret one reads `****`.
    pub parameters: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether its deletion is refused.
    pub protected: bool,
    /// When it was last updated, or created: an ISO 8601 time.
    pub changed: String,
}

/// A resource of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackResource {
    /// The logical id.
    pub id: String,
    /// The physical id; empty before there is one.
    pub physical_id: String,
    /// The CloudFormation type.
    pub kind: String,
    /// The status, such as `CREATE_COMPLETE`.
    pub status: String,
    /// Why it has the status.
    pub reason: Option<String>,
}

/// An event of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct StackEvent {
    /// What tells it from all others.
    pub id: String,
    /// The ARN of the stack.
    pub stack_id: String,
    /// The logical id of the resource; the stack's own events have its name.
    pub resource: String,
    /// The physical id, if there is one.
    pub physical_id: String,
    /// The CloudFormation type.
    pub kind: String,
    /// The status, such as `CREATE_FAILED`.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// The token of the operation that it belongs to.
    pub token: Option<String>,
    /// When, in seconds since 1970.
    pub time: f64,
}

impl StackEvent {
    /// Whether it is about the stack itself.
    #[must_use]
    pub fn is_of_stack(&self) -> bool {
        self.physical_id == self.stack_id
    }
}

/// A page of events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventPage {
    /// The newest first.
    pub events: Vec<StackEvent>,
    /// What to ask the next, older page by.
    pub next: Option<String>,
}

/// Something that CloudFormation found out before it provisioned anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The logical id of the resource.
    pub resource: String,
    /// What was looked at, such as `NAME_CONFLICT_VALIDATION`.
    pub check: String,
    /// What is wrong.
    pub reason: String,
    /// Where in the resource, such as `/Properties/BucketName`.
    pub path: String,
    /// Whether it only warns.
    pub is_warning: bool,
}

/// A resource that is not as it was deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The logical id.
    pub id: String,
    /// The physical id.
    pub physical_id: String,
    /// The CloudFormation type.
    pub kind: String,
    /// `MODIFIED` or `DELETED`.
    pub status: String,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// A property that is not as it was deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, such as `/DelaySeconds`.
    pub path: String,
    /// `ADD`, `REMOVE` or `NOT_EQUAL`.
    pub kind: String,
    /// The value of the template.
    pub expected: String,
    /// The real value.
    pub actual: String,
}

/// The change set that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSetOrder {
    /// The stack's name.
    pub stack: String,
    /// The change set's name, which is its client token too.
    pub name: String,
    /// Whether there is no stack yet.
    pub creates: bool,
    /// Whether resources that exist under their fixed names become part of the stack.
    pub adopts: bool,
    /// The resources that become part of the stack, and nothing else: then it is a change set for that.
    pub imports: Vec<Import>,
    /// The template.
    pub template: TemplateSource,
    /// The parameters: `None` keeps the value of before.
    pub parameters: BTreeMap<String, Option<String>>,
    /// The tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// The capabilities that the template needs.
    pub capabilities: Vec<&'static str>,
    /// The role that CloudFormation works as.
    pub role: Option<String>,
}

/// A resource that exists and becomes part of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The logical id that it gets.
    pub id: String,
    /// The CloudFormation type.
    pub kind: String,
    /// What it is known by: its identifying properties.
    pub identifier: BTreeMap<String, String>,
}

/// Where CloudFormation finds a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateSource {
    /// In the request.
    Body(String),
    /// At this address.
    Url(String),
}

/// A page of a change set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSetPage {
    /// `CREATE_PENDING`, `CREATE_COMPLETE`, `FAILED`, ..
    pub status: String,
    /// Why it has the status.
    pub reason: Option<String>,
    /// `AVAILABLE`, `EXECUTE_IN_PROGRESS`, `OBSOLETE`, ..
    pub execution: String,
    /// The changes on this page.
    pub changes: Vec<PlannedChange>,
    /// What to ask the next page by.
    pub next: Option<String>,
}

/// What CloudFormation is going to do with a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedChange {
    /// The logical id.
    pub id: String,
    /// The physical id; empty for what does not exist.
    pub physical_id: String,
    /// The CloudFormation type.
    pub kind: String,
    /// `Add`, `Modify`, `Remove`, `Import`, `Dynamic` or `SyncWithActual`.
    pub action: String,
    /// What happens to the real resource: `Delete`, `ReplaceAndDelete`, `Retain`, ..; empty when not told.
    pub policy: String,
    /// `True`, `False`, `Conditional`, or empty.
    pub replacement: String,
    /// What changes.
    pub details: Vec<PlannedDetail>,
}

/// One change of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedDetail {
    /// Where, such as `Properties.QueueName`.
    pub path: String,
    /// The value before, where it is told.
    pub before: Option<String>,
    /// The value after, where it is told.
    pub after: Option<String>,
    /// `Never`, `Conditionally` or `Always`; empty when not told.
    pub recreation: String,
    /// What brings it about: `DirectModification`, `ResourceReference`, ..
    pub source: String,
    /// The parameter or resource that brings it about.
    pub cause: String,
}
