//! Markers: one command for each version, whatever comes twice and whatever fails.

use std::cell::Cell;
use std::rc::Rc;

use cloudwright_contract::Marker;

use super::*;
use crate::intake::Sequencer;

/// Notes, servers and a clock; requests fail as the script says.
#[derive(Default)]
struct World {
    now: Cell<u64>,
    notes: RefCell<BTreeMap<String, Note>>,
    sent: RefCell<Vec<BTreeMap<String, Vec<String>>>>,
    fates: RefCell<Vec<Fate>>,
    comments: RefCell<Vec<String>>,
}

impl World {
    fn request<T>(&self, work: impl FnOnce() -> T) -> Result<T, Failure> {
        let failed = || Failure::new(Class::Throttled, "ThrottlingException: Rate exceeded");
        let fate = self.fates.borrow_mut().pop().unwrap_or(Fate::Work);
        if matches!(fate, Fate::FailBefore) {
            return Err(failed());
        }
        let done = work();
        match fate {
            Fate::FailAfter => Err(failed()),
            _ => Ok(done),
        }
    }
}

impl Fleet for Rc<World> {
    async fn send(&self, order: &Order<'_>) -> Result<String, Failure> {
        self.request(|| {
            self.comments.borrow_mut().push(order.comment());
            self.sent.borrow_mut().push(order.parameters());
            "id".to_owned()
        })
    }
}

impl Memory for Rc<World> {
    fn now(&self) -> u64 {
        self.now.get()
    }

    async fn read(&self, id: &str) -> Result<Option<Note>, Failure> {
        self.request(|| self.notes.borrow().get(id).cloned())
    }

    async fn write(&self, id: &str, new: &Note, was: Option<&Note>) -> Result<bool, Failure> {
        self.request(|| {
            let mut notes = self.notes.borrow_mut();
            let fits = notes.get(id) == was;
            if fits {
                notes.insert(id.to_owned(), new.clone());
            }
            fits
        })
    }

    async fn put_back(&self, event: String, _: u32) -> Result<(), Failure> {
        panic!("{event} is put back")
    }
}

fn handled(world: &Rc<World>, events: &[ObjectEvent]) -> Vec<Outcome> {
    let mut command = command("import", None);
    command.marker = Some(Marker {
        prefix: "orders/".to_owned(),
        name: "done.txt".to_owned(),
    });
    let journal = Journal::new("ssm-sync", "function", std::io::sink());
    let plan = SsmSync::new(vec![command]);
    let syncer = Syncer::new(Rc::clone(world), Rc::clone(world), plan, journal);
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let deadline = Deadline::within(Duration::from_secs(10));
        syncer.handle(events, &deadline).await
    })
}

fn marker(key: &str, version: Option<&str>) -> ObjectEvent {
    let mut event = event("a", key, Change::Created);
    event.version_id = version.map(str::to_owned);
    event.sequencer = Sequencer::new("a1");
    event
}

#[test]
fn a_marker_starts_one_command_with_its_key_and_version() {
    let world = Rc::new(World::default());
    let key = "orders/$(x)\n';/done.txt";
    let events = [
        marker(key, Some("v1")),
        marker(key, Some("v1")),
        marker("orders/other.txt", Some("v1")),
        marker("orders/not-done.txt", Some("v1")),
        marker("done.txt", Some("v1")),
    ];
    assert_eq!(handled(&world, &events), vec![Ok(()); 5]);
    assert_eq!(handled(&world, &events[..1]), [Ok(())]);
    let sent = world.sent.borrow();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["S3Bucket"], ["a"]);
    assert_eq!(sent[0]["S3Key"], [key]);
    assert_eq!(sent[0]["S3Version"], ["v1"]);
    assert_eq!(*world.comments.borrow(), ["a: orders/$(x)';/done.txt"]);
}

#[test]
fn another_version_is_another_command() {
    let world = Rc::new(World::default());
    let key = "orders/done.txt";
    let mut later = marker(key, None);
    later.sequencer = Sequencer::new("a2");
    let events = [
        marker(key, Some("v1")),
        marker(key, Some("v2")),
        marker(key, None),
        later,
    ];
    assert_eq!(handled(&world, &events), vec![Ok(()); 4]);
    assert_eq!(world.sent.borrow().len(), 4);
    assert!(!world.sent.borrow()[2].contains_key("S3Version"));
    let mut unknown = marker(key, None);
    unknown.sequencer = None;
    let outcomes = handled(&world, &[unknown]);
    assert!(
        outcomes[0].as_ref().unwrap_err()[0]
            .message
            .contains("neither a version")
    );
}

#[test]
fn a_removed_marker_starts_nothing() {
    let world = Rc::new(World::default());
    let mut gone = marker("orders/done.txt", Some("v1"));
    gone.change = Change::Removed(Removal::Permanent);
    assert_eq!(handled(&world, &[gone]), [Ok(())]);
    assert!(world.sent.borrow().is_empty());
}

#[test]
fn a_command_that_was_not_taken_is_tried_again_at_once() {
    let world = Rc::new(World::default());
    let event = marker("orders/done.txt", Some("v1"));
    // Read, claimed, and then refused; given back.
    *world.fates.borrow_mut() = vec![Fate::Work, Fate::FailBefore, Fate::Work, Fate::Work];
    let outcomes = handled(&world, std::slice::from_ref(&event));
    assert_eq!(outcomes[0].as_ref().unwrap_err()[0].class, Class::Throttled);
    assert_eq!(handled(&world, &[event]), [Ok(())]);
    assert_eq!(world.sent.borrow().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Whatever comes twice and whatever fails: what failed is delivered again, and in the end each version
    /// has its command; more than one only where an answer got lost.
    #[test]
    fn each_version_has_its_command(
        versions in prop::collection::vec(0..4_u8, 1..20),
        fates in prop::collection::vec(fate(), 0..40),
    ) {
        let world = Rc::new(World { fates: RefCell::new(fates.clone()), ..World::default() });
        let of = |version: &u8| marker("orders/done.txt", Some(&format!("v{version}")));
        let mut waiting: Vec<_> = versions.iter().map(of).collect();
        while !waiting.is_empty() {
            let outcomes = handled(&world, &waiting);
            let failed = waiting.into_iter().zip(outcomes).filter(|(_, outcome)| outcome.is_err());
            waiting = failed.map(|(event, _)| event).collect();
            // Claims whose answer got lost end by themselves.
            world.now.set(world.now.get() + 20_000);
        }
        let sent = world.sent.borrow();
        let mut kinds: Vec<_> = sent.iter().map(|parameters| parameters["S3Version"].clone()).collect();
        kinds.sort();
        kinds.dedup();
        let mut wanted = versions;
        wanted.sort_unstable();
        wanted.dedup();
        prop_assert_eq!(kinds.len(), wanted.len());
        let lost = fates.iter().filter(|fate| !matches!(fate, Fate::Work)).count();
        prop_assert!(sent.len() <= wanted.len() + lost, "{} commands", sent.len());
    }
}
