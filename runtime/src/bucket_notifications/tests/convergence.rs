//! Several at the same time: two stacks and somebody else change the notifications of one bucket, in
//! requests that take their time, fail, and are done although they seem to have failed.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const BUCKET: &str = "b";

/// What a stack does next: the topics that it wants from now on, none to be deleted, and whether
/// Lambda gives the event twice.
#[derive(Clone, Debug)]
struct Turn {
    topics: Option<Vec<&'static str>>,
    twice: bool,
    rest: Duration,
}

fn turn() -> impl Strategy<Value = Turn> {
    let topics = prop::sample::subsequence(vec!["x", "y", "z"], 0..=3);
    let topics = prop::option::weighted(0.8, topics);
    (topics, prop::bool::weighted(0.1), rest()).prop_map(|(topics, twice, rest)| Turn {
        topics,
        twice,
        rest,
    })
}

fn rest() -> impl Strategy<Value = Duration> {
    (0..12_000_u64).prop_map(Duration::from_millis)
}

/// A stack whose resource lives through the turns, one after another as CloudFormation does it. Its
/// entries are right when CloudFormation is told, and still are when the next turn comes.
async fn stack(world: &World, stack_id: String, turns: Vec<Turn>) {
    let owner = Owner::new(&stack_id, "Uploads");
    let notifier = Notifier::new(world.client(), journal());
    let mut physical_id = String::new();
    for Turn {
        topics,
        twice,
        rest,
    } in turns
    {
        let kind = match (&topics, physical_id.is_empty()) {
            (Some(_), true) => "Create",
            (Some(_), false) => "Update",
            (None, _) => "Delete",
        };
        let wanted = topics.unwrap_or_default();
        let mut request = request(kind, &physical_id, BUCKET, &wanted);
        request["StackId"] = json!(stack_id);
        for _ in 0..=u8::from(twice) {
            let request = Request::read(&request).unwrap();
            let deadline = Deadline::within(Duration::from_secs(900));
            let answer = notifier.handle(&request, &deadline).await;
            assert_eq!((answer.status, answer.reason.as_str()), ("SUCCESS", ""));
            physical_id = answer.physical_resource_id;
        }
        if kind == "Delete" {
            physical_id.clear();
        }
        let right: BTreeSet<_> = wanted.iter().map(ToString::to_string).collect();
        for pause in [Duration::ZERO, rest] {
            sleep(pause).await;
            let entries = world.entries(BUCKET).into_iter();
            let own = entries
                .filter(|entry| owner.owns(entry))
                .map(|entry| entry.arn);
            assert_eq!(own.collect::<BTreeSet<_>>(), right, "{kind}");
        }
    }
}

/// Somebody who adds and removes entries, each at once. They look after it only when they changed
/// something between another one's reading and writing; otherwise nothing of theirs may be lost.
async fn somebody(world: &World, edits: Vec<(bool, u8, Duration)>) -> BTreeSet<String> {
    let mut right = BTreeSet::from(["first".to_owned()]);
    for (is_added, number, rest) in edits {
        sleep(rest).await;
        let id = format!("other-{number}");
        loop {
            let may_be_lost = world.is_between_reading_and_writing();
            world.edit(BUCKET, |found| {
                found.entries.retain(|entry| entry.id != id);
                found.entries.extend(is_added.then(|| entry(&id)));
            });
            if !may_be_lost {
                break;
            }
            sleep(WINDOW + REQUEST_TIME).await;
            let is_there = world.entries(BUCKET).iter().any(|entry| entry.id == id);
            if is_there == is_added {
                break;
            }
        }
        match is_added {
            true => right.insert(id),
            false => right.remove(&id),
        };
    }
    right
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn everybody_ends_with_their_own_entries(
        seed in 1..u64::MAX,
        one in prop::collection::vec(turn(), 1..6),
        two in prop::collection::vec(turn(), 1..6),
        edits in prop::collection::vec((any::<bool>(), 0..4_u8, rest()), 0..10),
    ) {
        let world = World::with(BUCKET, vec![entry("first")]);
        world.chance.set(seed);
        let other = STACK.replace("6b5f8a40", "7c6a9b51");
        let last = |turns: &[Turn]| turns.last().and_then(|turn| turn.topics.clone());
        let number = [last(&one), last(&two)].into_iter().flatten().flatten().count();
        let others = run(async {
            let (others, (), ()) = tokio::join!(
                somebody(&world, edits),
                stack(&world, STACK.to_owned(), one),
                stack(&world, other.clone(), two),
            );
            // Until the last request is done that nobody waits for.
            sleep(REQUEST_TIME).await;
            others
        });
        let owners = [STACK, &other].map(|stack| Owner::new(stack, "Uploads"));
        let (own, rest): (Vec<_>, Vec<_>) = (world.entries(BUCKET).into_iter())
            .partition(|entry| owners.iter().any(|owner| owner.owns(entry)));
        prop_assert_eq!(own.len(), number);
        let rest: BTreeSet<_> = rest.into_iter().map(|entry| entry.id).collect();
        prop_assert_eq!(rest, others);
    }
}
