//! The command of the `pipeline-status` handler: where the files of a pipeline are.

/// The event that asks where files are: `{"status": {"stages": [..], "ask": {}}}`. Who asks says `ask`; the construct
/// says the rest, since one function's environment has no room for long pipelines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PipelineStatus {
    /// The stages, each after those that it gets its objects from.
    pub stages: Vec<StagePlan>,
    /// What is asked.
    #[cfg_attr(feature = "serde", serde(default))]
    pub ask: StatusAsk,
}

impl PipelineStatus {
    /// The one member of the event.
    pub const MEMBER: &str = "status";
    /// How many results of a stage are kept at most, to be compared with its objects; of those there may be any number.
    pub const LARGEST: usize = 1_000_000;
    /// How many objects of a stage an answer names at most.
    pub const NAMED: usize = 20;
    /// How many characters of a reason an answer has at most: an answer is the output of a state machine, which takes
    /// 256 KiB.
    pub const REASON: usize = 300;
}

/// What is asked: of all files, or of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "serde",
    serde(deny_unknown_fields, rename_all = "camelCase")
)]
pub struct StatusAsk {
    /// The key of a file, in any place of the pipeline: it is followed from there to the end. All files by default.
    #[cfg_attr(feature = "serde", serde(default))]
    pub key: Option<String>,
}

impl StatusAsk {
    /// The JSON Schema of this, for those who offer it to people: a test keeps it true.
    pub const SCHEMA: &str = include_str!("status_ask.json");
}

/// What there is to know of a stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct StagePlan {
    /// Its name.
    pub name: String,
    /// Where it gets its objects from.
    pub input: StagePlace,
    /// How the keys of its objects end.
    #[cfg_attr(feature = "serde", serde(default))]
    pub suffix: String,
    /// Where it writes to.
    #[cfg_attr(feature = "serde", serde(default))]
    pub output: Option<StagePlace>,
    /// How the keys of all that it writes end, if that is said.
    #[cfg_attr(feature = "serde", serde(default))]
    pub product: Option<String>,
    /// The table of what became of its objects.
    #[cfg_attr(feature = "serde", serde(default))]
    pub table: Option<String>,
    /// The URL of the queue in which its objects wait.
    #[cfg_attr(feature = "serde", serde(default))]
    pub queue: Option<String>,
    /// The URL of the queue with what it gave up.
    #[cfg_attr(feature = "serde", serde(default))]
    pub failures: Option<String>,
    /// After how many seconds an object without a result is late.
    pub late: u64,
    /// After how many seconds nothing tries an object any more that waits in no queue.
    pub over: u64,
    /// Whether the stage is there for some of these objects only, which a list of them does not tell.
    #[cfg_attr(feature = "serde", serde(default))]
    pub partial: bool,
}

/// A bucket, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct StagePlace {
    /// The bucket's name.
    pub bucket: String,
    /// How the keys begin.
    #[cfg_attr(feature = "serde", serde(default))]
    pub prefix: String,
}

/// Where the files are, stage by stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PipelineStatusAnswer {
    /// The stages, as in the question.
    pub stages: Vec<StageStatus>,
}

/// The objects of a stage, counted by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct StageStatus {
    /// Its name.
    pub stage: String,
    /// Objects that the stage is there for.
    pub seen: u64,
    /// Of these, with a result that is not older than they are.
    pub done: u64,
    /// Without a result, and not late.
    pub waiting: u64,
    /// Given up, with the reason where one is known.
    pub failed: u64,
    /// Late, and perhaps still to come: in the queue before the stage, among calls that are tried again, or among
    /// messages that could not all be read.
    pub stuck: u64,
    /// Late, and nowhere: no result, and no message that would lead to one.
    pub lost: u64,
    /// Late, of a stage that leaves no trace of what it did: it writes nothing, or is there for some objects only. None
    /// of them was given up, as far as that is known.
    pub untracked: u64,
    /// Messages in the queue before the stage, about; null without one.
    pub queued: Option<u64>,
    /// Messages in the queue of what it gave up, about.
    pub dead: u64,
    /// Objects that are not done, the worst first, at most 20; of a single file, also what is done.
    pub items: Vec<StatusItem>,
}

/// An object, and what became of it at a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct StatusItem {
    /// The object's bucket.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// What became of it.
    pub state: ItemState,
    /// When the object was written, in seconds since 1970.
    pub since: i64,
    /// The key of the result, or why there is none, as far as that is known.
    pub detail: Option<String>,
}

/// What became of an object, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum ItemState {
    /// Late, and nowhere.
    Lost,
    /// Late, and perhaps still to come.
    Stuck,
    /// Given up.
    Failed,
    /// Not late.
    Waiting,
    /// Nobody can see whether it was worked on.
    Untracked,
    /// It has its result.
    Done,
}
