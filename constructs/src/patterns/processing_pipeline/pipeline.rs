//! The construct and its settings.

use std::rc::Rc;

use cloudwright_synth::{Construct, Scope, SourceLocation, Text, Verb};

use super::check::{self, Step};
use super::handle::{ProcessingPipelineRef, StageRef};
use super::place::{Place, Settled};
use super::stage::{HandOver, Stage, Work};
use super::status;
use crate::dynamodb::TableRef;
use crate::iam::Statement;
use crate::lambda::{Function, FunctionRef};
use crate::s3::Bucket;
use crate::sns::TopicRef;

/// Where files come in unless the first stage says otherwise.
const INCOMING: &str = "Incoming";
/// What the handler `submit` does with objects: it reads them with their tags, and tags what became of them.
const HAND_IN: [&str; 6] = [
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionTagging",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
];

/// A row of stages through which files go, from the bucket in which they arrive to where the results are wanted.
///
/// ```
/// use cloudwright::lambda::Code;
/// use cloudwright::patterns::{ProcessingPipeline, Stage, Submission};
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Soundings", Environment::new("111111111111", "eu-central-1"));
/// let secret = stack.add("Provider", secretsmanager::Secret::new());
/// let convert = lambda::Function::new(Code::s3("releases", "convert.zip")).memory(MiB(2048));
/// let submission = Submission::to("https://archive.example.org/upload", "UNHJHC", &secret);
/// let pipeline = ProcessingPipeline::new()
///     .stage("Convert", Stage::function(convert).suffix(".wibl").writes("Staging"))
///     .deliver(Stage::submit(submission).suffix(".json"));
/// let pipeline = stack.add("Pipeline", pipeline);
/// if let Some(incoming) = pipeline.incoming() {
///     stack.output("Incoming", incoming.name());
/// }
/// # app.synth().unwrap();
/// ```
///
/// See the [module](super) for how data flows.
#[derive(Clone, Default)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct ProcessingPipeline {
    stages: Vec<(Text, Stage)>,
    bucket_with: Vec<Rc<dyn Fn(Bucket) -> Bucket>>,
    without_status: bool,
}

impl ProcessingPipeline {
    /// A pipeline without a stage.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a stage. Its name is the id of its function.
    #[track_caller]
    pub fn stage(mut self, name: impl Into<Text>, mut stage: Stage) -> Self {
        stage.line = SourceLocation::caller();
        self.stages.push((name.into(), stage));
        self
    }

    /// Adds the stage that delivers: [`stage`](Self::stage) with the name `Deliver`.
    #[track_caller]
    pub fn deliver(self, stage: Stage) -> Self {
        self.stage("Deliver", stage)
    }

    /// Says more about every bucket that is made, such as when objects expire.
    pub fn bucket_with(mut self, say: impl Fn(Bucket) -> Bucket + 'static) -> Self {
        self.bucket_with.push(Rc::new(say));
        self
    }

    /// Does without the operation `status`, which brings a bundled function, a state machine and their roles along.
    pub const fn without_status(mut self) -> Self {
        self.without_status = true;
        self
    }

    /// The stages with their places; buckets are made.
    fn steps(self, scope: &Scope) -> (Vec<Step>, Vec<Settled>) {
        let rows = rows(scope, self.stages);
        let make = |bucket: Bucket| {
            self.bucket_with
                .iter()
                .fold(bucket, |bucket, say| say(bucket))
        };
        let mut places = Vec::new();
        for place in said(scope, &rows) {
            let by_bridge = rows.iter().any(|(_, stage, input, _)| {
                stage.hand_over == HandOver::EventBridge && input.name == place.name
            });
            places.push(place.settle(scope, &make, by_bridge));
        }
        let settled = |place: &Place| {
            let found = places
                .iter()
                .find(|known: &&Settled| known.name == place.name);
            found.cloned()
        };
        let step = |(name, stage, input, output): Row| {
            Some(Step {
                name,
                stage,
                input: settled(&input)?,
                output: output.as_ref().and_then(settled),
            })
        };
        (rows.into_iter().filter_map(step).collect(), places)
    }
}

/// A stage, what it reads and what it writes.
type Row = (Text, Stage, Place, Option<Place>);

/// The stages with what they read; those that nobody feeds are reported.
fn rows(scope: &Scope, stages: Vec<(Text, Stage)>) -> Vec<Row> {
    let written: Vec<Text> = stages
        .iter()
        .filter_map(|(_, stage)| Some(stage.output.as_ref()?.name.clone()))
        .collect();
    let mut rows: Vec<Row> = Vec::new();
    for (name, stage) in stages {
        check::stage(scope, &name, &stage);
        let before = rows.last().and_then(|row| row.3.clone());
        // After a stage that writes nothing, the next one has to say what it reads.
        let is_cut_off = !rows.is_empty() && before.is_none() && stage.input.is_none();
        let input = stage.input.clone().or(before);
        let input = input.unwrap_or_else(|| Place::named(INCOMING));
        let is_entrance = rows.first().is_none_or(|row| row.2.name == input.name);
        let is_filled = is_entrance || input.bucket.is_some() || written.contains(&input.name);
        if is_cut_off || !is_filled {
            check::unfed(scope, (&name, &stage), &input.name, &written);
        }
        let output = stage.output.clone();
        rows.push((name, stage, input, output));
    }
    rows
}

/// Every place that is named, once, in the order of the stages.
fn said(scope: &Scope, rows: &[Row]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for (_, stage, input, output) in rows {
        for place in [Some(input), output.as_ref()].into_iter().flatten() {
            let Some(known) = places.iter_mut().find(|known| known.name == place.name) else {
                places.push(place.clone());
                continue;
            };
            let is_plain = |place: &Place| place.bucket.is_none() && place.prefix.is_empty();
            let same = match (&known.bucket, &place.bucket) {
                (Some(one), Some(two)) => one.is_same(two),
                (one, two) => one.is_none() && two.is_none(),
            };
            if is_plain(known) {
                *known = place.clone();
            } else if !is_plain(place) && (!same || known.prefix != place.prefix) {
                check::place(scope, stage, &place.name);
            }
        }
    }
    places
}

impl Construct for ProcessingPipeline {
    type Handle = ProcessingPipelineRef;

    fn construct(self, scope: &Scope) -> ProcessingPipelineRef {
        let with_status = !self.without_status && check::leaves_room(scope, &self.stages);
        let is_distinct = check::names(scope, &self.stages);
        let (steps, places) = self.steps(scope);
        check::recursion(scope, &steps);
        check::fan_out(scope, &steps);
        let mut topics = Vec::new();
        // Stages with one name would be told a second time, by each of their parts.
        let steps = steps.into_iter().filter(|_| is_distinct);
        let built = steps.map(|step| (step.clone(), step.build(scope, &mut topics)));
        let built: Vec<_> = built.collect();
        if with_status && !built.is_empty() {
            status::add(scope, &built);
        }
        let stages = built.into_iter().map(|(_, stage)| stage).collect();
        ProcessingPipelineRef {
            scope: scope.clone(),
            places,
            stages,
        }
    }
}

impl Step {
    fn build(self, scope: &Scope, topics: &mut Vec<(Self, TopicRef)>) -> StageRef {
        let (function, deliveries) = match self.stage.work.clone() {
            Work::Function(function) => (self.function(scope, *function), None),
            Work::Submit(submission) => {
                let (function, table) = self.hand_in(scope, &submission);
                (function, Some(table))
            }
        };
        let queue = self.connect(scope, &function, topics);
        StageRef {
            name: self.name,
            function,
            queue,
            deliveries,
        }
    }

    /// The user's function, with where to write and what it needs for that.
    fn function(&self, scope: &Scope, mut function: Function) -> FunctionRef {
        let [bucket, prefix] = &self.stage.variables;
        if let Some(to) = &self.output {
            function = function.env(bucket.clone(), to.bucket.name());
            if !to.prefix.is_empty() {
                function = function.env(prefix.clone(), to.prefix.clone().into_owned());
            }
        }
        let function = scope.add(self.name.clone(), function);
        let Settled { bucket, prefix, .. } = &self.input;
        bucket.grant_read_objects_below(prefix, &function);
        if let Some(to) = &self.output {
            to.bucket.grant_write_below(&to.prefix, &function);
        }
        function
    }

    /// The function that hands objects in, with the table of what became of them.
    fn hand_in(&self, scope: &Scope, submission: &super::Submission) -> (FunctionRef, TableRef) {
        if self.output.is_some() {
            check::writes_nothing(scope, &self.stage, &self.name);
        }
        let (table, function) = submission.prepare(scope, &self.name);
        let function = scope.add(self.name.clone(), function);
        submission.let_work(&table, &function);
        let bucket = &self.input.bucket;
        bucket.grant_read_objects_below(&self.input.prefix, &function);
        let objects = bucket.objects(&self.input.prefix);
        function.add_statement(Statement::allow(HAND_IN).on(objects));
        (function.scope()).edge(Verb::MayUse, bucket.scope(), "tag");
        // Without it, S3 does not tell an object that is gone from one that is forbidden.
        function.add_statement(Statement::allow(["s3:ListBucket"]).on(bucket.arn()));
        (function, table)
    }
}
