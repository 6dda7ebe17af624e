//! One step of a pipeline.

use cloudwright_synth::{SourceLocation, Text};

use super::{Place, Submission};
use crate::lambda::Function;
use crate::s3::Event;

/// How a stage gets to know of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HandOver {
    /// The bucket calls the function, with one object. What fails is tried twice more.
    #[default]
    Call,
    /// The bucket puts a message into a queue of the stage, from which the function gets it in an event of SQS.
    /// A burst waits there; what fails is tried again up to four times.
    Queue,
    /// The bucket tells a topic of the place, and the topic calls the function with an event of SNS: for several
    /// stages that want the same objects.
    Topic,
    /// The bucket sends its events to
    /// [EventBridge](https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html), and a rule of the stage
    /// calls the function with one of them: also for several stages, and beside whatever else the bucket notifies.
    /// Keys stand in these events as they are, not as a form writes them.
    EventBridge,
}

/// A step: a function that gets objects of one place and writes into another.
#[derive(Clone)]
#[must_use = "a stage does nothing until a pipeline has it: `.stage(\"Name\", ..)`"]
pub struct Stage {
    pub(super) work: Work,
    pub(super) input: Option<Place>,
    pub(super) output: Option<Place>,
    pub(super) suffix: Text,
    pub(super) product: Option<Text>,
    pub(super) hand_over: HandOver,
    pub(super) events: Vec<Event>,
    pub(super) concurrency: Option<u32>,
    pub(super) variables: [Text; 2],
    /// The line of the program that what is wrong with the stage is told at.
    pub(super) line: SourceLocation,
}

/// What a stage does.
#[derive(Clone)]
pub(super) enum Work {
    /// A function of the user's.
    Function(Box<Function>),
    /// Hands results in to an archive.
    Submit(Box<Submission>),
}

impl Stage {
    /// A function of your own, with all that is said of it: code, memory, timeout, layers, network.
    #[track_caller]
    pub fn function(function: Function) -> Self {
        Self::new(Work::Function(Box::new(function)))
    }

    /// Hands objects in to an archive over HTTP, each version once.
    #[track_caller]
    pub fn submit(submission: Submission) -> Self {
        Self::new(Work::Submit(Box::new(submission)))
    }

    #[track_caller]
    fn new(work: Work) -> Self {
        Self {
            work,
            input: None,
            output: None,
            suffix: "".into(),
            product: None,
            hand_over: HandOver::Call,
            events: vec![Event::ObjectCreated],
            concurrency: None,
            variables: ["OUTPUT_BUCKET".into(), "OUTPUT_PREFIX".into()],
            line: SourceLocation::caller(),
        }
    }

    /// Gets the objects of this place; unless said, of the one that the stage before writes to, and the first
    /// stage those of `Incoming`.
    pub fn reads(mut self, place: impl Into<Place>) -> Self {
        self.input = Some(place.into());
        self
    }

    /// Writes to this place.
    pub fn writes(mut self, place: impl Into<Place>) -> Self {
        self.output = Some(place.into());
        self
    }

    /// Gets only objects whose keys end so, such as `.wibl`. S3 tells upper from lower case.
    pub fn suffix(mut self, suffix: impl Into<Text>) -> Self {
        self.suffix = suffix.into();
        self
    }

    /// The keys of all that the stage writes end so, such as `.json`: what does not match a stage's suffix does
    /// not start it, so a stage may write where it reads.
    pub fn producing(mut self, suffix: impl Into<Text>) -> Self {
        self.product = Some(suffix.into());
        self
    }

    /// How the stage gets to know of an object: by a call from the bucket unless said.
    pub const fn hand_over(mut self, by: HandOver) -> Self {
        self.hand_over = by;
        self
    }

    /// What starts the stage: every object that is created unless said.
    pub fn events(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.events = events.into_iter().collect();
        self
    }

    /// How many objects are worked on at once: 2 to 1,000, for a stage with a queue. Others are limited by
    /// `Function::reserved_concurrency`.
    pub const fn maximum_concurrency(mut self, objects: u32) -> Self {
        self.concurrency = Some(objects);
        self
    }

    /// The names of the variables that tell the function where to write: `OUTPUT_BUCKET` and `OUTPUT_PREFIX`
    /// unless said, such as `DEST_BUCKET` for a function that is there already.
    pub fn output_variables(mut self, bucket: impl Into<Text>, prefix: impl Into<Text>) -> Self {
        self.variables = [bucket.into(), prefix.into()];
        self
    }
}
