//! How many tasks there are: more when something waits, none when nothing is left.
//!
//! Tasks are only ever added while there is work, and only taken away, all of them, when for five minutes nothing has
//! come, nothing has waited *and* nothing was in flight: a message that a task works on, or that waits for another try, keeps the
//! tasks. Taking some of them away while work goes on would interrupt it, and FIFO queues have no way to
//! tell which one is idle. So the number turns once for each load.
//!
//! | alarm | goes off when | what follows |
//! |---|---|---|
//! | `Waiting` | messages wait and none is in flight: nobody works | one task more |
//! | `Backlog` | more wait than said, or ten times as many | one task more, or two |
//! | `Old` | something waits, and the oldest message that is not done came longer ago than said | one task more |
//! | `Idle` | nothing comes, waits or is in flight, for five minutes | as few as possible |
//!
//! SQS knows no age of what waits alone: a message that is worked on for long, or waits for another try, counts as old, too. So
//! while others wait behind it the tasks may become as many as there may be; a long upload by itself brings none.
//!
//! A queue that was idle for long is measured no more
//! ([AWS](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html)): no alarm
//! takes that for work, and none for its end.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::Scope;

use crate::applicationautoscaling::{ScalableTargetRef, StepPolicy};
use crate::cloudwatch::{Alarm, Comparison, MathExpression, Metric, MissingData, Statistic};
use crate::ecs::ServiceRef;
use crate::minutes;
use crate::sqs::{Delivery, QueueRefOf};
use crate::units::whole_seconds;

/// What SQS calls messages that were received and not removed.
const IN_FLIGHT: &str = "ApproximateNumberOfMessagesNotVisible";
/// What SQS calls messages that came.
const SENT: &str = "NumberOfMessagesSent";
/// How long a task takes to start and show what it does.
const START: Duration = minutes(3);
/// How long nothing is to be done before tasks end, in minutes.
const IDLE: u32 = 5;
/// A backlog this many times as deep brings two tasks.
const DEEP: u32 = 10;

/// How many tasks there may be, and how many messages may wait, and for how long, before one more comes.
pub(super) struct Limits {
    pub(super) tasks: RangeInclusive<u32>,
    pub(super) backlog: u32,
    pub(super) age: Duration,
}

/// Lets the number of tasks follow the queue.
pub(super) fn follow<K: Delivery>(
    scope: &Scope,
    service: &ServiceRef,
    queue: &QueueRefOf<K>,
    limits: Limits,
) {
    let Limits {
        tasks,
        backlog,
        age,
    } = limits;
    let least = *tasks.start();
    let target = service.scale(tasks);
    let more = |id: &'static str, deep: Option<f64>| {
        let policy = StepPolicy::by_change(&target).step(0.0, 1).cooldown(START);
        let policy = match deep {
            Some(deep) => policy.step(deep, 2),
            None => policy,
        };
        scope.add(id, policy)
    };
    let waiting = more("MoreForWaiting", None);
    let alarm = Alarm::new(waiting_alone(queue), Comparison::AtLeast(1.0))
        .description("messages wait and nobody works on any: one more task")
        .on_alarm(&waiting);
    scope.add("Waiting", alarm);
    let deep = f64::from(backlog) * f64::from(DEEP - 1);
    let policy = more("MoreForBacklog", Some(deep));
    let alarm = Alarm::new(visible(queue), Comparison::AtLeast(f64::from(backlog)))
        .description("more messages wait than the tasks keep up with: one more task, or two")
        .evaluation_periods(2)
        .on_alarm(&policy);
    scope.add("Backlog", alarm);
    old(scope, queue, &target, age);
    let fewest = StepPolicy::to_exactly(&target)
        .step(0.0, i64::from(least))
        .below_threshold()
        .cooldown(minutes(1));
    let fewest = scope.add("Fewest", fewest);
    let alarm = Alarm::new(all(queue), Comparison::Below(1.0))
        .description("nothing comes, waits or is in flight: as few tasks as possible")
        .evaluation_periods(IDLE)
        .missing_data(MissingData::NotBreaching)
        .on_alarm(&fewest);
    scope.add("Idle", alarm);
}

/// One more task when the oldest message waits for too long.
fn old<K: Delivery>(
    scope: &Scope,
    queue: &QueueRefOf<K>,
    target: &ScalableTargetRef,
    age: Duration,
) {
    #[allow(
        clippy::cast_precision_loss,
        reason = "messages live for two weeks at most"
    )]
    let seconds = whole_seconds(scope, "the age of a message", age) as f64;
    // Slower than by number: an object that takes long is old, too.
    let policy = StepPolicy::by_change(target)
        .step(0.0, 1)
        .cooldown(START * 2);
    let policy = scope.add("MoreForAge", policy);
    let waits = MathExpression::new("IF(visible > 0, age, 0)")
        .using("visible", visible(queue))
        .using("age", queue.metric_oldest_age().period(minutes(1)))
        .label("age of the oldest message while some wait, s");
    let alarm = Alarm::new(waits, Comparison::AtLeast(seconds))
        .description("a message waits for too long: one more task")
        .evaluation_periods(2)
        .on_alarm(&policy);
    scope.add("Old", alarm);
}

fn visible<K: Delivery>(queue: &QueueRefOf<K>) -> Metric {
    queue.metric_visible().period(minutes(1))
}

fn in_flight<K: Delivery>(queue: &QueueRefOf<K>) -> Metric {
    let metric = queue.metric(IN_FLIGHT).statistic(Statistic::Maximum);
    metric.period(minutes(1))
}

fn sent<K: Delivery>(queue: &QueueRefOf<K>) -> Metric {
    queue
        .metric(SENT)
        .statistic(Statistic::Sum)
        .period(minutes(1))
}

/// Messages that wait while nobody works on any.
fn waiting_alone<K: Delivery>(queue: &QueueRefOf<K>) -> MathExpression {
    MathExpression::new("IF(in_flight < 1, visible, 0)")
        .using("visible", visible(queue))
        .using("in_flight", in_flight(queue))
        .label("messages that wait while none is in flight")
}

/// Everything that is to be done, and what came in this minute, for the numbers of SQS are those of one moment: what comes and
/// is done between two of them would not be seen. Where one is not measured, nothing is known, and no task ends.
fn all<K: Delivery>(queue: &QueueRefOf<K>) -> MathExpression {
    MathExpression::new("visible + in_flight + sent")
        .using("visible", visible(queue))
        .using("in_flight", in_flight(queue))
        .using("sent", sent(queue))
        .label("messages that wait, are in flight or came")
}
