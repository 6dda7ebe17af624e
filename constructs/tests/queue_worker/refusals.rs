//! What is wrong with a worker is told at synthesis, where it is known.

use cloudwright::ec2::Vpc;

use super::*;
use crate::support::{assert_error, findings};

/// The findings of a worker.
fn of(build: impl Fn(&Stack) -> NotifiedQueue) -> cloudwright::Diagnostics {
    findings(|stack| {
        stack.add("Changes", build(stack));
    })
}

#[test]
fn a_cp_code_a_folder_and_a_url_are_what_they_should_be() {
    for wrong in ["", "12a", "../1", "12345678901"] {
        let found = of(|stack| {
            let worker = Worker::netstorage(wrong, &login(stack));
            NotifiedQueue::new().worker(worker)
        });
        assert_error(&found, "CW1002", &["a CP code is up to 10 digits", wrong]);
    }
    for wrong in ["/media", "media/", "a/../b", "."] {
        let found = of(|stack| NotifiedQueue::new().worker(netstorage(stack).prefix(wrong)));
        assert_error(&found, "CW1002", &["a folder below the CP code", wrong]);
    }
    for wrong in ["http://cdn.example/a", "https://cdn.example/", "cdn"] {
        let found = of(|_| NotifiedQueue::new().worker(Worker::http(wrong)));
        assert_error(&found, "CW1002", &["https://host/path", wrong]);
    }
}

#[test]
fn a_visibility_shorter_than_the_work_is_told() {
    let short = of(|stack| {
        let worker = netstorage(stack);
        NotifiedQueue::new()
            .visibility_timeout(seconds(20))
            .worker(worker)
    });
    assert_error(
        &short,
        "CW1104",
        &["hidden for 20 s", "others would work on it"],
    );
    let own = of(|stack| {
        let worker = Worker::image(image(stack)).longest(minutes(10));
        NotifiedQueue::new().worker(worker)
    });
    assert_error(&own, "CW1104", &["hidden for 300 s", "600 s"]);
}

#[test]
fn the_reason_is_not_lost() {
    let none = of(|stack| {
        let worker = netstorage(stack);
        let queue = NotifiedQueue::new().worker(worker);
        queue.queue_with(sqs::FifoQueue::without_dead_letter_queue)
    });
    assert_error(&none, "CW1103", &["the queue has none"]);
    let early = of(|stack| {
        let queue = NotifiedQueue::new().worker(netstorage(stack));
        queue.queue_with(|queue| queue.max_receives(5))
    });
    assert_error(&early, "CW1103", &["after 5 times, the worker after 5"]);
}

#[test]
fn settings_that_exclude_each_other_are_told() {
    let closed =
        of(|stack| NotifiedQueue::new().worker(netstorage(stack).way_out(WayOut::Endpoints)));
    assert_error(&closed, "CW1103", &["NetStorage is on the internet"]);
    let folder = of(|_| {
        let worker = Worker::http("https://cdn.example/a").prefix("media");
        NotifiedQueue::new().worker(worker)
    });
    assert_error(&folder, "CW1103", &["a folder of NetStorage"]);
    let spot = of(|stack| NotifiedQueue::new().worker(netstorage(stack).every(minutes(5)).spot()));
    assert_error(&spot, "CW1103", &["`.spot()`"]);
    let none = of(|stack| NotifiedQueue::new().worker(netstorage(stack).tasks(0..=0)));
    assert_error(&none, "CW1002", &["at most 0 tasks"]);
    let never = of(|stack| NotifiedQueue::new().worker(netstorage(stack).every(seconds(90))));
    assert_error(&never, "CW1001", &["whole minutes"]);
    let many = of(|stack| NotifiedQueue::new().worker(netstorage(stack).concurrency(300)));
    assert_error(&many, "CW1002", &["1 to 256, got 300"]);
}

#[test]
fn the_keys_of_the_secret_are_asked_for_when_it_is_filled() {
    let app = App::new();
    let stack = app.stack("S", support::home());
    let worker = netstorage(&stack);
    stack.add("Changes", NotifiedQueue::new().worker(worker));
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let mut keys: Vec<_> = assembly
        .needs()
        .iter()
        .map(|need| need.key.to_string())
        .collect();
    keys.sort();
    assert_eq!(keys, ["NS_HOSTNAME", "NS_KEY", "NS_USER"]);
}

#[test]
fn a_network_without_a_way_out_is_told() {
    let found = findings(|stack| {
        let closed = stack.add("Network", Vpc::new("10.0.0.0/16"));
        let worker = netstorage(stack).network(&closed);
        stack.add("Changes", NotifiedQueue::new().worker(worker));
    });
    support::assert_warning(&found, "CW1103", &["no way out"]);
}

#[test]
fn a_dockerfile_is_told_to_be_another_tools_business() {
    for path in [
        "./worker",
        "/srv/worker",
        "worker/Dockerfile",
        "Dockerfile.arm",
    ] {
        let found = of(|_| NotifiedQueue::new().worker(Worker::image(Image::uri(path))));
        assert_error(&found, "CW1301", &["Dockerfiles are not built here", path]);
    }
}

#[test]
fn what_is_empty_when_the_first_task_starts_is_told() {
    let warned = |filled: bool, build: fn(Worker, &Stack) -> Worker| {
        let app = App::new();
        let first = app.stack("First", support::home());
        let stack = app.stack("S", support::home());
        first.add("Other", Secret::new());
        let login = if filled { &first } else { &stack }.add("Login", Secret::new());
        let worker = build(Worker::netstorage("123456", &login), &stack);
        stack.add("Changes", NotifiedQueue::new().worker(worker));
        let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
        assembly.warnings().to_string()
    };
    let secret = warned(false, |worker, _| worker);
    assert!(secret.contains("needs the secret"), "{secret}");
    let image = warned(true, |worker, stack| worker.from_image(image(stack)));
    assert!(image.contains("needs the image"), "{image}");
    assert_eq!(warned(true, |worker, _| worker), "");
    // A task on schedule fails until somebody has filled it, and no deployment with it.
    assert_eq!(warned(false, |worker, _| worker.every(minutes(5))), "");
}

#[test]
fn a_setting_without_effect_is_told() {
    let own = || Worker::image(Image::uri("public.ecr.aws/docker/library/busybox:1.37"));
    type Say = fn(Worker, &Stack) -> Worker;
    let table: [(&str, Say); 4] = [
        ("`.authorization(..)`", |worker, stack| {
            worker.authorization(&login(stack))
        }),
        ("`.longest(..)`", |worker, _| worker.longest(minutes(1))),
        ("`.tasks(..)`", |worker, _| {
            worker.every(minutes(15)).tasks(0..=8)
        }),
        ("`.more_tasks_at(..)`", |worker, _| {
            worker.every(minutes(15)).more_tasks_at(10, minutes(1))
        }),
    ];
    for (told, say) in table {
        let found = of(|stack| {
            let key = stack.add("Key", Secret::generated(Password::new()));
            NotifiedQueue::new().worker(say(Worker::netstorage("123456", &key), stack))
        });
        assert_error(&found, "CW1103", &[told]);
    }
    let found = of(|_| NotifiedQueue::new().worker(own().longest(minutes(1)).concurrency(2)));
    assert_error(&found, "CW1103", &["`.concurrency(..)`"]);
    let found = of(|_| NotifiedQueue::new().worker(own().longest(minutes(1)).max_receives(2)));
    assert_error(&found, "CW1103", &["`.max_receives(..)`"]);
    let found = of(|stack| {
        let worker = netstorage(stack).way_out(WayOut::Nat);
        let network = stack.add("Network", Vpc::new("10.1.0.0/16").nat(Nat::One));
        NotifiedQueue::new().worker(worker.network(&network))
    });
    assert_error(&found, "CW1103", &["got more than one of them"]);
}
