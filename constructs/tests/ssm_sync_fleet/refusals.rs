//! What a program may say that cannot work.

use cloudwright::ec2::UserData;
use cloudwright::patterns::ssm_sync_fleet::Directory;
use cloudwright::prelude::*;
use cloudwright::s3::Event;
use cloudwright::ssm::{Document, Servers, Step};

use crate::support::{assert_error, assert_warning, findings};
use crate::{content, fleet, import, web};

fn refused(code: &str, parts: &[&str], fleet: SsmSyncFleet) {
    let found = findings(|stack| {
        stack.add("Content", fleet);
    });
    assert_error(&found, code, parts);
}

#[test]
fn directories_that_cannot_be_are_told() {
    for path in [
        "srv/content",
        "/",
        "/srv/../etc",
        "/srv/a b",
        "/srv/$(x)",
        "/srv/",
        "",
        "//srv",
    ] {
        let fleet = SsmSyncFleet::new(Directory::new(path)).servers(web());
        refused(
            "CW1621",
            &["absolute path", &format!("got \"{path}\"")],
            fleet,
        );
    }
    refused(
        "CW1621",
        &["within the other"],
        content().directory("/srv/content/sub"),
    );
    let of = |directory| SsmSyncFleet::new(directory).servers(web());
    let directory = || Directory::new("/srv/content");
    refused("CW1621", &["\"site\""], of(directory().prefix("site")));
    refused(
        "CW1621",
        &["got \"www data\""],
        of(directory().owner("www data")),
    );
    refused("CW1621", &["0o1777"], of(directory().mode(0o1777)));
    refused("CW1621", &["\"\\n\""], of(directory().exclude("\n")));
    refused(
        "CW1601",
        &["double braces"],
        of(directory().exclude("{{x}}")),
    );
}

#[test]
fn servers_and_limits_that_cannot_be_are_told() {
    let bare = || SsmSyncFleet::new("/srv/content");
    refused("CW1621", &["no servers are named"], bare());
    refused(
        "CW1621",
        &["values of 1 to 256"],
        bare().servers(Servers::tagged("role", "")),
    );
    refused(
        "CW1621",
        &["1 to 50 values, got 0"],
        bare().servers(Servers::tagged_one_of("role", Vec::<String>::new())),
    );
    for tag in ["", "aws:role", "a+b", "a\u{0}b"] {
        refused(
            "CW1621",
            &["a key of 1 to 128"],
            bare().servers(Servers::tagged(tag, "web")),
        );
    }
    let many = (0..6).fold(bare(), |fleet, _| fleet.servers(web()));
    refused("CW1621", &["at most 5 tags, got 6"], many);
    for limit in ["0", "120%", "0%", "many", ""] {
        let part = format!("got \"{limit}\"");
        refused(
            "CW1621",
            &["the concurrency", &part],
            content().max_concurrency(limit),
        );
    }
    refused(
        "CW1621",
        &["the limit of errors"],
        content().max_errors("-1"),
    );
    refused(
        "CW1002",
        &["1 to 900 seconds, got 901"],
        content().window(seconds(901)),
    );
    refused(
        "CW1002",
        &["30 to 2592000"],
        content().delivery_timeout(seconds(29)),
    );
    refused("CW1002", &["172800"], content().run_timeout(days(3)));
}

#[test]
fn markers_and_documents_that_cannot_be_are_told() {
    for marker in ["*.txt", "orders/done.txt", "", "done?.txt"] {
        let found = findings(|stack| {
            let batches = SsmSyncFleet::run_document(&import(stack)).on_marker(marker);
            stack.add("Batches", batches.servers(web()));
        });
        assert_error(
            &found,
            "CW1621",
            &["exact name", &format!("got \"{marker}\"")],
        );
    }
    let found = findings(|stack| {
        let deaf = Document::command("Deaf").step(Step::shell("Run", ["true"]));
        let deaf = stack.add("Deaf", deaf);
        let batches = SsmSyncFleet::run_document(&deaf).on_marker("done.txt");
        stack.add("Batches", batches.servers(web()));
    });
    assert_error(
        &found,
        "CW1621",
        &["S3Bucket, S3Key, S3Version", "object_parameters()"],
    );
    let patterns = (0..1_000).fold(Directory::new("/srv/content"), |directory, number| {
        directory.exclude(format!("{number:0>70}"))
    });
    refused(
        "CW1601",
        &["64 KB"],
        SsmSyncFleet::new(patterns).servers(web()),
    );
}

#[test]
fn what_belongs_elsewhere_is_told() {
    refused(
        "CW1103",
        &["`.prefix(..)`", "Directory::new(..)"],
        content().prefix("site/"),
    );
    refused(
        "CW1103",
        &["`.on_marker(..)`"],
        content().on_marker("done.txt"),
    );
    let found = findings(|stack| {
        let batches = SsmSyncFleet::run_document(&import(stack)).on_marker("done.txt");
        stack.add("Batches", batches.servers(web()).directory("/srv/content"));
    });
    assert_error(&found, "CW1103", &["`.directory(..)`"]);
    let absolute = Directory::new("/srv/content").exclude("/drafts/*");
    refused(
        "CW1621",
        &["\"/drafts/*\""],
        SsmSyncFleet::new(absolute).servers(web()),
    );
}

#[test]
fn what_only_directories_can_be_told_is_refused_of_a_document() {
    type Say = fn(SsmSyncFleet) -> SsmSyncFleet;
    let table: [(Say, &[&str]); 4] = [
        (|one| one.window(seconds(9)), &["`.window(..)`", "at once"]),
        (
            |one| one.run_timeout(minutes(9)),
            &["`.run_timeout(..)`", "`Step::shell(..).timeout(..)`"],
        ),
        (
            |one| one.reconcile_every(hours(1)),
            &["`.reconcile_every(..)`", "never by itself"],
        ),
        (
            SsmSyncFleet::without_reconcile,
            &["`.without_reconcile()`", "never by itself"],
        ),
    ];
    for (say, parts) in table {
        let found = findings(|stack| {
            let batches = SsmSyncFleet::run_document(&import(stack)).on_marker("done.txt");
            stack.add("Batches", say(batches.servers(web())));
        });
        assert_error(&found, "CW1103", parts);
    }
}

#[test]
fn events_that_servers_do_nothing_for_are_told() {
    let tags = content().events([Event::ObjectCreated, Event::ObjectTagging]);
    refused(
        "CW1621",
        &["`s3:ObjectTagging:*`", "s3:ObjectRemoved:"],
        tags,
    );
    let found = findings(|stack| {
        let batches = SsmSyncFleet::run_document(&import(stack)).on_marker("done.txt");
        let batches = batches.events([Event::ObjectCreatedPut, Event::ObjectRemoved]);
        stack.add("Batches", batches.servers(web()));
    });
    assert_error(&found, "CW1621", &["`s3:ObjectRemoved:*`", "`.events(..)`"]);
}

#[test]
fn times_between_looks_that_cannot_be_are_told() {
    refused(
        "CW1002",
        &["1800 to 2678400", "got 1740"],
        content().reconcile_every(minutes(29)),
    );
    refused(
        "CW1001",
        &["whole minutes"],
        content().reconcile_every(seconds(1_801)),
    );
    refused(
        "CW1621",
        &["one tag, got 2", "`.without_reconcile()`"],
        content()
            .servers(Servers::tagged("stage", "prod"))
            .reconcile_every(hours(1)),
    );
}

#[test]
fn what_takes_the_place_of_the_first_sync_is_told() {
    let found = findings(|stack| {
        let fleet = fleet(stack).template_with(|template| {
            template.user_data(UserData::bash().line("systemctl start nginx"))
        });
        stack.add("Content", SsmSyncFleet::new("/srv/content").fleet(fleet));
    });
    assert_error(&found, "CW1103", &["the first sync", "`Fleet::start_with`"]);
}

#[test]
fn a_role_that_systems_manager_does_not_know_is_told() {
    let found = findings(|stack| {
        let mine = iam::Role::assumed_by(Principal::service("ec2.amazonaws.com"));
        let mine = stack.add("Mine", mine);
        let fleet = fleet(stack).template_with(move |template| template.role(&mine));
        stack.add("Content", SsmSyncFleet::new("/srv/content").fleet(fleet));
    });
    let parts = ["`S/Mine`", "AmazonSSMManagedInstanceCore"];
    assert_warning(&found, "CW1621", &parts);
}
