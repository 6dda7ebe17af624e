//! How many workers there are, over hours: a queue and its tasks, minute by minute, driven by the alarms and steps of
//! the synthesized template.

mod expression;
mod scaler;

use std::collections::VecDeque;

use cloudwright::patterns::notified_queue::Worker;
use cloudwright::prelude::*;
use scaler::{Measured, Scaler};

const VISIBLE: &str = "ApproximateNumberOfMessagesVisible";
const IN_FLIGHT: &str = "ApproximateNumberOfMessagesNotVisible";
const AGE: &str = "ApproximateAgeOfOldestMessage";
const SENT: &str = "NumberOfMessagesSent";

/// How long a task takes to start, in minutes.
const START: u64 = 2;
/// How many messages a task works on at the same time.
const CONCURRENCY: usize = 16;
/// After so many minutes without a message SQS measures nothing.
const FORGOTTEN: u64 = 360;

fn scaler() -> Scaler {
    let app = App::new();
    let stack = app.stack("S", Environment::new("123456789012", "eu-central-1"));
    let login = stack.add("Login", secretsmanager::Secret::new());
    let worker = Worker::netstorage("123456", &login);
    stack.add("Changes", NotifiedQueue::new().worker(worker));
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let template = assembly.stack("S").unwrap().template().to_json();
    Scaler::of(&serde_json::from_str(&template).unwrap())
}

/// One minute as it was at its end.
#[derive(Clone, Copy, Debug)]
struct Minute {
    waiting: usize,
    in_flight: usize,
    wanted: u32,
}

/// A load: how many messages come in a minute, and how long one is worked on, in tenths of a minute.
struct Load {
    arrivals: fn(u64) -> usize,
    work: u64,
    minutes: u64,
}

/// The messages that wait, with the minute when each came, and those that tasks work on, with the tenth of a minute
/// when each is done.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<u64>,
    in_flight: Vec<u64>,
    last_used: u64,
}

impl Queue {
    /// A tenth of a minute: what is done is removed, and tasks take what they can.
    fn tenth(&mut self, tenth: u64, running: usize, work: u64) {
        self.in_flight.retain(|end| *end > tenth);
        while self.in_flight.len() < running * CONCURRENCY && self.waiting.pop_front().is_some() {
            self.in_flight.push(tenth + work);
        }
    }

    /// What SQS tells of a minute in which so many messages came: the numbers are those of its last moment.
    fn measured(&self, minute: u64, came: usize) -> Measured {
        #[allow(clippy::cast_precision_loss, reason = "thousands")]
        let number = |count: usize| count as f64;
        if minute - self.last_used > FORGOTTEN {
            return Measured::new();
        }
        let age = self.waiting.front().map_or(0, |came| (minute - came) * 60);
        let age = number(usize::try_from(age).unwrap());
        let (waiting, in_flight) = (number(self.waiting.len()), number(self.in_flight.len()));
        Measured::from([
            (VISIBLE, waiting),
            (IN_FLIGHT, in_flight),
            (AGE, age),
            (SENT, number(came)),
        ])
    }
}

/// What happens under a load, beginning with no task.
fn simulate(load: &Load) -> Vec<Minute> {
    let mut scaler = scaler();
    let (mut queue, mut wanted, mut minutes) = (Queue::default(), scaler.least, Vec::new());
    // When each task that runs or starts is there.
    let mut tasks: Vec<u64> = Vec::new();
    let mut history: Vec<Measured> = Vec::new();
    for minute in 0..load.minutes {
        queue
            .waiting
            .extend(std::iter::repeat_n(minute, (load.arrivals)(minute)));
        for tenth in minute * 10..(minute + 1) * 10 {
            let running = tasks.iter().filter(|there| **there <= minute).count();
            queue.tenth(tenth, running, load.work);
        }
        let came = (load.arrivals)(minute);
        if came + queue.waiting.len() + queue.in_flight.len() > 0 {
            queue.last_used = minute;
        }
        // What CloudWatch knows is a minute old.
        let next = scaler.tasks(minute, &history, wanted);
        history.push(queue.measured(minute, came));
        if next < wanted {
            // Which tasks end nobody can choose: none may work.
            let busy = (queue.waiting.len(), queue.in_flight.len());
            assert_eq!(busy, (0, 0), "tasks are taken away in minute {minute}");
        }
        wanted = next;
        tasks.truncate(usize::try_from(wanted).unwrap());
        while tasks.len() < usize::try_from(wanted).unwrap() {
            tasks.push(minute + START);
        }
        minutes.push(Minute {
            waiting: queue.waiting.len(),
            in_flight: queue.in_flight.len(),
            wanted,
        });
    }
    minutes
}

/// How often the number of tasks turns from growing to falling, or back.
fn reversals(minutes: &[Minute]) -> usize {
    let steps = minutes
        .windows(2)
        .map(|two| two[1].wanted.cmp(&two[0].wanted));
    let mut changes: Vec<_> = steps.filter(|step| step.is_ne()).collect();
    changes.dedup();
    changes.len().saturating_sub(1)
}

fn most(minutes: &[Minute]) -> u32 {
    minutes.iter().map(|minute| minute.wanted).max().unwrap()
}

/// In which minute everything is done.
fn done(minutes: &[Minute]) -> usize {
    let is_busy = |minute: &Minute| minute.waiting + minute.in_flight > 0;
    minutes.iter().rposition(is_busy).map_or(0, |last| last + 1)
}

#[test]
fn the_template_has_an_alarm_for_each_reason() {
    let scaler = scaler();
    assert_eq!((scaler.least, scaler.most), (0, 4));
    let names = scaler.names();
    for name in ["Waiting", "Backlog", "Old", "Idle"] {
        let is_there = names
            .iter()
            .any(|id| id.starts_with(&format!("ChangesWorker{name}")));
        assert!(is_there, "{name} in {names:?}");
    }
}

#[test]
fn one_message_brings_one_task_which_goes_again() {
    let arrivals = |minute| usize::from(minute == 10);
    let minutes = simulate(&Load {
        arrivals,
        work: 3,
        minutes: 60,
    });
    assert!(minutes[..10].iter().all(|minute| minute.wanted == 0));
    assert_eq!((most(&minutes), reversals(&minutes)), (1, 1));
    assert!(done(&minutes) <= 16, "{}", done(&minutes));
    assert_eq!(minutes.last().unwrap().wanted, 0);
}

#[test]
fn a_burst_brings_more_tasks_and_they_all_stay_until_it_is_over() {
    let arrivals = |minute| if minute == 5 { 60_000 } else { 0 };
    let minutes = simulate(&Load {
        arrivals,
        work: 3,
        minutes: 400,
    });
    assert_eq!((most(&minutes), reversals(&minutes)), (4, 1));
    // Five minutes of nothing, and one until it is known.
    let (done, end) = (
        done(&minutes),
        minutes
            .iter()
            .rposition(|minute| minute.wanted > 0)
            .unwrap(),
    );
    assert!((5..=9).contains(&(end + 1 - done)), "{done} {end}");
}

#[test]
fn bursts_one_after_another_turn_the_number_once_each() {
    let arrivals = |minute| if minute % 120 == 5 { 5_000 } else { 0 };
    let minutes = simulate(&Load {
        arrivals,
        work: 3,
        minutes: 480,
    });
    // Four times up and down: seven turns, one of each burst and one between two.
    assert_eq!(reversals(&minutes), 7);
    assert_eq!(minutes.last().unwrap().wanted, 0);
}

#[test]
fn what_is_worked_on_for_long_keeps_its_task_although_nothing_waits() {
    let arrivals = |minute| if minute == 5 { 8 } else { 0 };
    // Two hours each: nothing waits and everything is in flight.
    let minutes = simulate(&Load {
        arrivals,
        work: 1_200,
        minutes: 240,
    });
    assert_eq!((most(&minutes), reversals(&minutes)), (1, 1));
    assert!((120..130).contains(&done(&minutes)), "{}", done(&minutes));
    assert_eq!(minutes.last().unwrap().wanted, 0);
}

#[test]
fn a_slow_drain_gets_more_tasks_by_its_age() {
    let arrivals = |minute| if minute == 5 { 300 } else { 0 };
    let minutes = simulate(&Load {
        arrivals,
        work: 40,
        minutes: 300,
    });
    assert!(most(&minutes) > 1, "{}", most(&minutes));
    assert_eq!(reversals(&minutes), 1);
    assert_eq!(minutes.last().unwrap().wanted, 0);
}

#[test]
fn a_steady_load_finds_its_number() {
    // Two tasks do 100 a minute.
    let arrivals = |minute| if minute < 600 { 90 } else { 0 };
    let minutes = simulate(&Load {
        arrivals,
        work: 3,
        minutes: 700,
    });
    assert_eq!(reversals(&minutes), 1);
    assert!(minutes[60..600].iter().all(|minute| minute.waiting < 1_000));
}

#[test]
fn a_queue_that_is_measured_no_more_is_neither_work_nor_its_end() {
    let arrivals = |minute| match minute {
        5 => 100,
        1_000 => 1,
        _ => 0,
    };
    let minutes = simulate(&Load {
        arrivals,
        work: 3,
        minutes: 1_060,
    });
    assert!(minutes[100..1_000].iter().all(|minute| minute.wanted == 0));
    assert_eq!(minutes.last().unwrap().wanted, 0);
    assert_eq!(minutes.last().unwrap().waiting, 0);
    assert_eq!(reversals(&minutes), 3);
}

/// A burst as a picture: a line for each five minutes.
fn picture() -> String {
    let arrivals = |minute| if minute == 5 { 20_000 } else { 0 };
    let minutes = simulate(&Load {
        arrivals,
        work: 3,
        minutes: 150,
    });
    let mut lines = "minute  waiting  in flight  tasks\n".to_owned();
    for (minute, now) in minutes.iter().enumerate().step_by(5) {
        let bar = "#".repeat(now.waiting.div_ceil(500));
        let line = format!(
            "{minute:>6}  {:>7}  {:>9}  {:>5}  {bar}",
            now.waiting, now.in_flight, now.wanted
        );
        lines += line.trim_end();
        lines.push('\n');
    }
    lines
}

#[test]
fn the_picture_in_the_example_is_what_happens() {
    let readme = include_str!("../../../examples/netstorage-sync/README.md");
    let picture = picture();
    assert!(
        readme.contains(&picture),
        "the README of netstorage-sync shows another picture than:\n{picture}"
    );
}
