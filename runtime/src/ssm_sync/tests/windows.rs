//! Windows in virtual time: a queue that hides and brings back messages, functions that work at the same
//! time with clocks that differ, and requests that take time, fail, or are never answered.

use std::rc::Rc;

use cloudwright_contract::Window;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep};

use super::*;
use crate::intake::{self, Delivery};

/// The window that is said, the life of a function and how long a message is hidden, in milliseconds.
const WINDOW: u64 = 5_000;
const LIFE: u64 = 10_000;
const HIDDEN: u64 = 60_000;
/// Up to when requests fail, in milliseconds.
const TROUBLE: u64 = 30_000;
const BUCKET: &str = "content";

struct Message {
    event: ObjectEvent,
    visible: u64,
}

/// Numbers that look like chance and are not.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

struct Cloud {
    started: Instant,
    window: u64,
    dice: RefCell<Dice>,
    troubled: bool,
    notes: RefCell<BTreeMap<String, Note>>,
    queue: RefCell<Vec<Message>>,
    commands: RefCell<Vec<u64>>,
    working: RefCell<usize>,
}

impl Cloud {
    fn new(seed: u64, troubled: bool, window: u64) -> Rc<Self> {
        Rc::new(Self {
            started: Instant::now(),
            window,
            dice: RefCell::new(Dice(seed | 1)),
            troubled,
            notes: RefCell::default(),
            queue: RefCell::default(),
            commands: RefCell::default(),
            working: RefCell::new(0),
        })
    }

    fn time(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap()
    }

    fn roll(&self, limit: u64) -> u64 {
        self.dice.borrow_mut().below(limit)
    }

    fn is_trouble(&self) -> bool {
        self.troubled && self.time() < TROUBLE && self.roll(5) == 0
    }

    /// A request: time passes before and after it is done, and either way may fail.
    async fn request<T>(&self, work: impl FnOnce() -> T) -> Result<T, Failure> {
        let failed = || Failure::new(Class::Throttled, "ThrottlingException: Rate exceeded");
        sleep(Duration::from_millis(self.roll(80))).await;
        if self.is_trouble() {
            return Err(failed());
        }
        let done = work();
        sleep(Duration::from_millis(self.roll(40))).await;
        if self.is_trouble() {
            Err(failed())
        } else {
            Ok(done)
        }
    }

    fn bring(&self, event: ObjectEvent, after: u64) {
        let visible = self.time() + after;
        self.queue.borrow_mut().push(Message { event, visible });
    }

    /// Takes up to ten messages out of sight.
    fn receive(&self) -> Vec<ObjectEvent> {
        let now = self.time();
        let mut queue = self.queue.borrow_mut();
        let there = queue.iter_mut().filter(|message| message.visible <= now);
        let seen = there.take(10).map(|message| {
            message.visible = now + HIDDEN;
            message.event.clone()
        });
        seen.collect()
    }

    fn delete(&self, event: &ObjectEvent) {
        let mut queue = self.queue.borrow_mut();
        let found = queue.iter().position(|message| message.event == *event);
        queue.remove(found.unwrap());
    }
}

/// A function with a clock of its own.
struct Instance {
    cloud: Rc<Cloud>,
    ahead: u64,
}

impl Fleet for Rc<Cloud> {
    async fn send(&self, _: &Order<'_>) -> Result<String, Failure> {
        self.request(|| self.commands.borrow_mut().push(self.time()))
            .await?;
        Ok("id".to_owned())
    }
}

impl Memory for Instance {
    fn now(&self) -> u64 {
        self.cloud.time() + self.ahead
    }

    async fn read(&self, id: &str) -> Result<Option<Note>, Failure> {
        let notes = &self.cloud.notes;
        self.cloud.request(|| notes.borrow().get(id).cloned()).await
    }

    async fn write(&self, id: &str, new: &Note, was: Option<&Note>) -> Result<bool, Failure> {
        let write = || {
            let mut notes = self.cloud.notes.borrow_mut();
            let fits = notes.get(id) == was;
            if fits {
                notes.insert(id.to_owned(), new.clone());
            }
            fits
        };
        self.cloud.request(write).await
    }

    async fn put_back(&self, event: String, seconds: u32) -> Result<(), Failure> {
        let event = read(&event);
        let send = || self.cloud.bring(event, u64::from(seconds) * 1000);
        self.cloud.request(send).await
    }
}

/// An event as the program reads it.
fn read(event: &str) -> ObjectEvent {
    let read = intake::read(&serde_json::from_str(event).unwrap());
    let Delivery::Invocation(items) = read else {
        panic!("{event} is no message")
    };
    items.into_iter().next().unwrap().unwrap()
}

/// One invocation, which ends before its work does now and then.
async fn invocation(cloud: Rc<Cloud>) {
    let events = cloud.receive();
    let mut plan = SsmSync::new(vec![command("sync", None)]);
    plan.window = Some(Window {
        seconds: u32::try_from(cloud.window / 1000).unwrap(),
        queue_url: "events".to_owned(),
    });
    let skew = if cloud.troubled { 400 } else { 1 };
    let memory = Instance {
        ahead: cloud.roll(skew),
        cloud: Rc::clone(&cloud),
    };
    let journal = Journal::new("ssm-sync", "function", std::io::sink());
    let syncer = Syncer::new(Rc::clone(&cloud), memory, plan, journal);
    let life = match cloud.is_trouble() {
        true => cloud.roll(400),
        false => LIFE,
    };
    let deadline = Deadline::within(Duration::from_millis(LIFE));
    let work = syncer.handle(&events, &deadline);
    if let Ok(outcomes) = tokio::time::timeout(Duration::from_millis(life), work).await {
        for (event, _) in events
            .iter()
            .zip(outcomes)
            .filter(|(_, outcome)| outcome.is_ok())
        {
            cloud.delete(event);
        }
    }
    *cloud.working.borrow_mut() -= 1;
}

/// Lets changes happen at these times, and everything come to its end.
fn run(seed: u64, troubled: bool, times: &[u64]) -> Rc<Cloud> {
    run_by(seed, troubled, WINDOW, times)
}

/// As [`run`], with another window.
fn run_by(seed: u64, troubled: bool, window: u64, times: &[u64]) -> Rc<Cloud> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    LocalSet::new().block_on(&runtime, async {
        let cloud = Cloud::new(seed, troubled, window);
        let mut times = times.iter().copied().enumerate().peekable();
        loop {
            while let Some((number, _)) = times.next_if(|(_, time)| *time <= cloud.time()) {
                cloud.bring(event(BUCKET, &number.to_string(), Change::Created), 0);
            }
            let is_there = |message: &Message| message.visible <= cloud.time();
            let waits = cloud.queue.borrow().iter().any(is_there);
            if waits && *cloud.working.borrow() < 5 {
                *cloud.working.borrow_mut() += 1;
                let one = Rc::clone(&cloud);
                tokio::task::spawn_local(invocation(one));
                tokio::task::yield_now().await;
            } else if times.peek().is_none() && cloud.queue.borrow().is_empty() {
                return cloud;
            } else if *cloud.working.borrow() > 0 {
                sleep(Duration::from_millis(20)).await;
            } else {
                let queue = cloud
                    .queue
                    .borrow()
                    .iter()
                    .map(|message| message.visible)
                    .min();
                let next = times
                    .peek()
                    .map(|(_, time)| *time)
                    .into_iter()
                    .chain(queue)
                    .min();
                let next = next.unwrap_or_default().saturating_sub(cloud.time());
                sleep(Duration::from_millis(next.max(1))).await;
            }
            assert!(cloud.time() < 1_000_000, "it never ends");
        }
    })
}

#[test]
fn a_change_alone_is_one_command_at_once() {
    let cloud = run(7, false, &[1_000]);
    let commands = cloud.commands.borrow();
    assert_eq!(commands.len(), 1);
    assert!(commands[0] < 1_500, "{commands:?}");
}

#[test]
fn two_changes_are_the_first_at_once_and_the_last_after_the_window() {
    let cloud = run(7, false, &[1_000, 2_000, 3_000]);
    let commands = cloud.commands.borrow();
    assert_eq!(commands.len(), 2);
    assert!((6_000..8_000).contains(&commands[1]), "{commands:?}");
}

/// How long a burst is, and how late a request of its last change may be, in milliseconds.
const BURST: u64 = 5_000;
const LATE: u64 = 1_000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// 500 changes within 5 seconds, whenever they come: the first at once, then one command for each window that
    /// the burst reaches into, and the last of them sees the last change.
    #[test]
    fn five_hundred_changes_in_five_seconds_are_as_many_commands_as_windows(
        seed in any::<u64>(),
        window in 1..=12_u64,
        mut times in prop::collection::vec(0..BURST, 500),
    ) {
        times.sort_unstable();
        let window = window * 1_000;
        let cloud = run_by(seed, false, window, &times);
        let commands = cloud.commands.borrow();
        prop_assert!(commands[0] <= times[0] + LATE, "{:?}", commands);
        prop_assert!(commands.last() > times.last(), "{:?}", commands);
        let most = 1 + (BURST + LATE).div_ceil(window);
        prop_assert!(commands.len() as u64 <= most, "{} of {}: {:?}", commands.len(), most, commands);
    }

    /// Where nothing fails, commands are as far from each other as a window is long.
    #[test]
    fn commands_are_a_window_apart(
        seed in any::<u64>(),
        mut times in prop::collection::vec(0..30_000_u64, 1..60),
    ) {
        times.sort_unstable();
        let cloud = run(seed, false, &times);
        let commands = cloud.commands.borrow();
        prop_assert!(commands.last() > times.last());
        let apart = |pair: &[u64]| pair[1] + 200 >= pair[0] + WINDOW;
        prop_assert!(commands.windows(2).all(apart), "{:?}", commands);
    }

    /// Whatever fails, ends early or has another clock: the last change is followed by a command.
    #[test]
    fn no_change_is_missed(
        seed in any::<u64>(),
        mut times in prop::collection::vec(0..40_000_u64, 1..60),
    ) {
        times.sort_unstable();
        let cloud = run(seed, true, &times);
        prop_assert!(cloud.commands.borrow().last() > times.last());
    }
}
