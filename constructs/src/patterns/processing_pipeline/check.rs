//! What a pipeline may say that cannot work.

use std::time::Duration;

use cloudwright_contract as contract;
use cloudwright_synth::sorted::Set;
use cloudwright_synth::{Scope, Text};

use super::place::Settled;
use super::stage::{HandOver, Stage, Work};
use crate::nearest::nearest;
use crate::s3::Event;
use crate::units::whole_seconds;
use crate::{MiB, rules};

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
            HandOver::Call | HandOver::Queue => step.stage.suffix.clone(),
        };
        let (one, two) = (end(self), end(other));
        let wanted = &other.stage.events;
        let mut events = self.stage.events.iter();
        self.input.meets(&other.input)
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

/// Reports names that several stages have.
pub(super) fn names(scope: &Scope, stages: &[(Text, Stage)]) -> bool {
    let mut seen = Set::new();
    let mut is_fine = true;
    for (name, _) in stages {
        if !seen.insert(name.clone()) {
            let message = format!("two stages are called `{name}`");
            scope.error(
                &rules::BAD_NAME,
                message,
                "give each stage a name of its own",
            );
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

/// Reports a stage that reads what no stage writes and nobody else can bring.
pub(super) fn unfed(scope: &Scope, name: &str, place: &str, written: &[Text]) {
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
    scope.error(&rules::UNFED_STAGE, message, help);
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
        scope.error(&rules::RECURSION, message, help);
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
            scope.error(&rules::OVERLAPPING_NOTIFICATIONS, message, help);
        }
    }
}

/// Reports what a stage says that does not fit together.
pub(super) fn stage(scope: &Scope, name: &str, stage: &Stage) {
    if stage.concurrency.is_some() && stage.hand_over != HandOver::Queue {
        let message =
            format!("the stage `{name}` has no queue, and says how much it takes from one at once");
        let help = "add `.hand_over(HandOver::Queue)`, or say `Function::reserved_concurrency`";
        scope.error(&rules::CONTRADICTION, message, help);
    }
    if stage.events.is_empty() {
        let message = format!("nothing starts the stage `{name}`: it names no event");
        scope.error(
            &rules::UNFED_STAGE,
            message,
            "leave `.events(..)` out, or name one",
        );
    }
    let Work::Submit(submission) = &stage.work else {
        return;
    };
    if let Some(url) = submission
        .url()
        .as_text()
        .filter(|url| !contract::Submit::takes(url))
    {
        let message = format!(
            "the stage `{name}` sends a secret, so it posts to `https://host/path`, got \"{url}\""
        );
        let help = "name the archive's address with https; http is for 127.0.0.1 alone";
        scope.error(&rules::BAD_ENDPOINT, message, help);
    }
    if submission
        .provider()
        .as_text()
        .is_some_and(|id| id.trim().is_empty())
    {
        let message = format!("the stage `{name}` hands in as a provider without an id");
        let help = "say the id that the archive gave: `Submission::to(url, \"UNHJHC\", &secret)`";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}

/// How long an answer may take, in whole seconds.
pub(super) fn answer_time(scope: &Scope, patience: Duration) -> u64 {
    let seconds = whole_seconds(scope, "the time for an answer", patience);
    let seconds = u64::try_from(seconds).unwrap_or_default();
    if !contract::Submit::SECONDS.contains(&seconds) {
        let most = contract::Submit::SECONDS.end();
        let message = format!("an answer may take 1 to {most} seconds, got {seconds}");
        scope.error(&rules::OUT_OF_RANGE, message, "such as `minutes(1)`");
    }
    seconds
}

/// Reports a number of attempts that the handler would refuse.
pub(super) fn attempts(scope: &Scope, count: u32) {
    if !contract::Submit::TIMES.contains(&count) {
        let most = contract::Submit::TIMES.end();
        let message = format!("an object is posted 1 to {most} times in one call, got {count}");
        let help = "what still fails is tried again by the next call, up to three in all";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
}

/// Reports a size that the handler would refuse.
pub(super) fn largest(scope: &Scope, size: MiB) {
    let bytes = u64::from(size.0) << 20;
    if !contract::Submit::LARGEST.contains(&bytes) {
        let most = contract::Submit::LARGEST.end() >> 20;
        let message = format!("the largest object has 1 to {most} MiB, got {}", size.0);
        let help = "the function holds an object twice in its memory, of at most 10,240 MiB";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
}

/// Reports a place whose name says two different things.
pub(super) fn place(scope: &Scope, name: &str) {
    let message = format!("the place `{name}` is said twice, with different buckets or prefixes");
    let help =
        "say it once as a value, `let staging = Place::named(..)`, and use that in both stages";
    scope.error(&rules::CONTRADICTION, message, help);
}

/// Reports output that a bundled stage does not make.
pub(super) fn writes_nothing(scope: &Scope, name: &str) {
    let message = format!("the stage `{name}` hands in to an archive and writes to no place");
    let help = "drop `.writes(..)`: what became of each object is in its table and its tags";
    scope.error(&rules::CONTRADICTION, message, help);
}
