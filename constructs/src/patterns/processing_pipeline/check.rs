//! What a pipeline may say that cannot work.

use cloudwright_contract as contract;
use cloudwright_synth::sorted::Set;
use cloudwright_synth::{Rule, Scope, Text};

use super::Submission;
use super::place::Settled;
use super::stage::{HandOver, Stage, Work};
use crate::rules;
use crate::s3::Event;
use cloudwright_synth::nearest;

/// The part of a pipeline that answers where files are.
pub(super) const STATUS: &str = "Status";

/// A stage with its places.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) name: Text,
    pub(super) stage: Stage,
    pub(super) input: Settled,
    pub(super) output: Option<Settled>,
}

impl Step {
    /// Whether what this stage writes starts the other one.
    fn starts(&self, other: &Self) -> bool {
        let reaches = self
            .output
            .as_ref()
            .is_some_and(|to| to.meets(&other.input));
        let wanted: &str = &other.stage.suffix;
        let product = self.stage.product.as_ref();
        // Only what starts when objects come is started by what is written.
        let events = &other.stage.events;
        let comes = events
            .iter()
            .any(|event| event.overlaps(Event::ObjectCreated));
        reaches
            && comes
            && product
                .is_none_or(|product| product.ends_with(wanted) || wanted.ends_with(&**product))
    }
}

impl Step {
    /// Whether S3 would have to tell both of one event.
    fn rivals(&self, other: &Self) -> bool {
        // A topic is told of everything in its place.
        let end = |step: &Self| match step.stage.hand_over {
            HandOver::Topic => Text::default(),
            HandOver::Call | HandOver::Queue | HandOver::EventBridge => step.stage.suffix.clone(),
        };
        // EventBridge tells everybody who asks.
        let by_bridge = |step: &Self| step.stage.hand_over == HandOver::EventBridge;
        let (one, two) = (end(self), end(other));
        let wanted = &other.stage.events;
        let mut events = self.stage.events.iter();
        !by_bridge(self)
            && !by_bridge(other)
            && self.input.meets(&other.input)
            && (one.ends_with(&*two) || two.ends_with(&*one))
            && events.any(|event| wanted.iter().any(|other| event.overlaps(*other)))
    }

    /// Whether one topic tells both.
    pub(super) fn shares_topic(&self, other: &Self) -> bool {
        let by_topic = |step: &Self| step.stage.hand_over == HandOver::Topic;
        by_topic(self)
            && by_topic(other)
            && self.input.bucket.is_same(&other.input.bucket)
            && self.input.prefix == other.input.prefix
            && self.stage.events == other.stage.events
    }
}

/// Reports a mistake at the line of the stage that makes it.
fn tell(
    scope: &Scope,
    stage: &Stage,
    rule: &'static Rule,
    message: impl Into<String>,
    help: impl Into<String>,
) {
    scope.error_at(stage.line, rule, message, help);
}

/// Reports names that several stages have.
pub(super) fn names(scope: &Scope, stages: &[(Text, Stage)]) -> bool {
    let mut seen = Set::new();
    let mut is_fine = true;
    for (name, stage) in stages {
        if !seen.insert(name.clone()) {
            let message = format!("two stages are called `{name}`");
            let help = "give each stage a name of its own";
            tell(scope, stage, &rules::BAD_NAME, message, help);
            is_fine = false;
        }
    }
    if stages.is_empty() {
        let message = "a pipeline has at least one stage, got none";
        let help = "add one: `.stage(\"Process\", Stage::function(..))`";
        scope.error(&rules::CONTRADICTION, message, help);
    }
    is_fine
}

/// Reports parts that are called as the one that answers where files are; whether none is.
pub(super) fn leaves_room(scope: &Scope, stages: &[(Text, Stage)]) -> bool {
    let mut has_room = true;
    for (name, stage) in stages {
        let mut places = [&stage.input, &stage.output].into_iter().flatten();
        let is_so = |name: &str| name.eq_ignore_ascii_case(STATUS);
        if is_so(name) || places.any(|place| place.bucket.is_none() && is_so(&place.name)) {
            has_room = false;
            let message =
                format!("`{STATUS}` is the part of the pipeline that answers where files are");
            let help = "choose another name, or do without that part: `.without_status()`";
            tell(scope, stage, &rules::BAD_NAME, message, help);
        }
    }
    has_room
}

/// Reports a stage that reads what no stage writes and nobody else can bring.
pub(super) fn unfed(scope: &Scope, (name, stage): (&str, &Stage), place: &str, written: &[Text]) {
    let message =
        format!("nobody feeds the stage `{name}`: it reads `{place}`, which no stage writes");
    let known = nearest(place, written.iter().map(|name| &**name));
    let help = match known {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!(
            "let a stage write it: `.writes(\"{place}\")`, or name the bucket that others fill: \
             `Place::named(\"{place}\").bucket(&bucket)`"
        ),
    };
    tell(scope, stage, &rules::UNFED_STAGE, message, help);
}

/// Reports stages that start themselves again.
pub(super) fn recursion(scope: &Scope, steps: &[Step]) {
    let mut told = Set::new();
    for start in 0..steps.len() {
        let Some(way) = way_back(steps, start) else {
            continue;
        };
        let mut members = way.clone();
        cloudwright_synth::sorted::sort(&mut members);
        if !told.insert(members) {
            continue;
        }
        let mut message = format!(
            "the stage `{}` starts itself again without end",
            steps[start].name
        );
        for &step in &way {
            let step = &steps[step];
            let to = step.output.as_ref().map_or("", |place| &place.name);
            let said = format!(", `{}` writes to `{to}`", step.name);
            message.push_str(&said);
        }
        let help = "write to another place, or tell the names apart: `.suffix(\".wibl\").producing(\".json\")`";
        tell(scope, &steps[start].stage, &rules::RECURSION, message, help);
    }
}

/// The shortest way along which a stage starts itself: the stages on it, beginning with this one.
fn way_back(steps: &[Step], start: usize) -> Option<Vec<usize>> {
    let mut ways = vec![vec![start]];
    let mut seen = Set::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let last = way[way.len() - 1];
            for next in 0..steps.len() {
                if !steps[last].starts(&steps[next]) {
                    continue;
                }
                if next == start {
                    return Some(way);
                }
                if seen.insert(next) {
                    longer.push([&way[..], &[next]].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

/// Reports stages that want the same objects in a way in which S3 tells only one.
pub(super) fn fan_out(scope: &Scope, steps: &[Step]) {
    for (place, one) in steps.iter().enumerate() {
        for two in &steps[place + 1..] {
            if !one.rivals(two) || one.shares_topic(two) {
                continue;
            }
            let message = format!(
                "the stages `{}` and `{}` want the same objects of `{}`, and S3 tells of an object once",
                one.name, two.name, one.input.name
            );
            let help = "let both get them by one topic, `.hand_over(HandOver::Topic)` with the same place and events, \
                        or tell their suffixes apart";
            let rule = &rules::OVERLAPPING_NOTIFICATIONS;
            tell(scope, &two.stage, rule, message, help);
        }
    }
}

/// Reports what a stage says that does not fit together.
pub(super) fn stage(scope: &Scope, name: &str, stage: &Stage) {
    if stage.concurrency.is_some() && stage.hand_over != HandOver::Queue {
        let message =
            format!("the stage `{name}` has no queue, and says how much it takes from one at once");
        let help = "add `.hand_over(HandOver::Queue)`, or say `Function::reserved_concurrency`";
        tell(scope, stage, &rules::CONTRADICTION, message, help);
    }
    if stage.events.is_empty() {
        let message = format!("nothing starts the stage `{name}`: it names no event");
        let help = "leave `.events(..)` out, or name one";
        tell(scope, stage, &rules::UNFED_STAGE, message, help);
    }
    let not_told = |event: &&Event| !event.overlaps(Event::ObjectCreated);
    if stage.hand_over == HandOver::EventBridge
        && let Some(event) = stage.events.iter().find(not_told)
    {
        let message = format!(
            "the stage `{name}` wants `{}` by EventBridge, which hands over objects that are created",
            event.name()
        );
        let help = "take it from the bucket: `.hand_over(HandOver::Call)`";
        tell(scope, stage, &rules::CONTRADICTION, message, help);
    }
    if let Work::Submit(submission) = &stage.work {
        self::submission(scope, name, stage, submission);
    }
}

/// Reports what a stage that hands in says, and its handler would refuse.
fn submission(scope: &Scope, name: &str, stage: &Stage, submission: &Submission) {
    if let Some(url) = submission
        .url()
        .as_text()
        .filter(|url| !contract::Submit::takes(url))
    {
        let message = format!(
            "the stage `{name}` sends a secret, so it posts to `https://host/path`, got \"{url}\""
        );
        let help = "name the archive's address with https; http is for 127.0.0.1 alone";
        tell(scope, stage, &rules::BAD_ENDPOINT, message, help);
    }
    if submission
        .provider()
        .as_text()
        .is_some_and(|id| id.trim().is_empty())
    {
        let message = format!("the stage `{name}` hands in as a provider without an id");
        let help = "say the id that the archive gave: `Submission::to(url, \"UNHJHC\", &secret)`";
        tell(scope, stage, &rules::CONTRADICTION, message, help);
    }
    numbers(scope, name, stage, submission);
}

/// Reports numbers that the handler would refuse.
fn numbers(scope: &Scope, name: &str, stage: &Stage, submission: &Submission) {
    let seconds = submission.patience().as_secs();
    let attempts = submission.tries();
    let bytes = submission.bytes();
    let out_of_range = |what: String, help: &str| {
        let message = format!("the stage `{name}`: {what}");
        tell(scope, stage, &rules::OUT_OF_RANGE, message, help);
    };
    if !contract::Submit::SECONDS.contains(&seconds) {
        let most = contract::Submit::SECONDS.end();
        let what = format!("an answer may take 1 to {most} seconds, got {seconds}");
        out_of_range(what, "such as `minutes(1)`");
    }
    if !contract::Submit::TIMES.contains(&attempts) {
        let most = contract::Submit::TIMES.end();
        let what = format!("an object is posted 1 to {most} times in one call, got {attempts}");
        let help = "what still fails is tried again by the next call, up to three in all";
        out_of_range(what, help);
    }
    if !contract::Submit::LARGEST.contains(&bytes) {
        let (most, got) = (contract::Submit::LARGEST.end() >> 20, bytes >> 20);
        let what = format!("the largest object has 1 to {most} MiB, got {got}");
        let help = "the function holds an object twice in its memory, of at most 10,240 MiB";
        out_of_range(what, help);
    }
}

/// Reports a place whose name says two different things.
pub(super) fn place(scope: &Scope, stage: &Stage, name: &str) {
    let message = format!("the place `{name}` is said twice, with different buckets or prefixes");
    let help =
        "say it once as a value, `let staging = Place::named(..)`, and use that in both stages";
    tell(scope, stage, &rules::CONTRADICTION, message, help);
}

/// Reports output that a bundled stage does not make.
pub(super) fn writes_nothing(scope: &Scope, stage: &Stage, name: &str) {
    let message = format!("the stage `{name}` hands in to an archive and writes to no place");
    let help = "drop `.writes(..)`: what became of each object is in its table and its tags";
    tell(scope, stage, &rules::CONTRADICTION, message, help);
}
