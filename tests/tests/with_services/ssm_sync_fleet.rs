//! Servers that follow a bucket.

use cloudwright::ec2::{Image, LaunchTemplate, Nat, Vpc};
use cloudwright::lambda::Architecture;
use cloudwright::patterns::ssm_sync_fleet::{Directory, Fleet, object_parameters};
use cloudwright::prelude::*;
use cloudwright::s3::Event;
use cloudwright::ssm::{Document, Servers, Step};

pub fn fill(stack: &Stack) {
    let operators = stack.add("Operators", sns::Topic::new());
    let output = stack.add("Output", s3::Bucket::new());
    let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
    let image = Image::amazon_linux_2023(Architecture::Arm64);
    let servers = Fleet::new(&network, image, "t4g.small", 2..=4)
        .start_with(["systemctl enable --now nginx"])
        .template_with(LaunchTemplate::detailed_monitoring)
        .group_with(|group| group.health_grace(minutes(10)));
    let site = Directory::new("/srv/content")
        .prefix("site/")
        .mirror()
        .owner("nginx:nginx")
        .mode(0o640)
        .exclude("*.tmp");
    let content = SsmSyncFleet::new(site)
        .directory("/etc/shop")
        .bucket_with(s3::Bucket::versioned)
        .events([Event::ObjectCreated, Event::ObjectRemoved])
        .fleet(servers)
        .window(seconds(10))
        .max_concurrency("25%")
        .max_errors("10%")
        .delivery_timeout(minutes(2))
        .run_timeout(minutes(5))
        .reconcile_every(hours(1))
        .output_bucket(&output)
        .status_events_to(&operators);
    let content = stack.add("Content", content);
    content.alarms(&operators);
    let mail = SsmSyncFleet::new("/etc/mail")
        .servers(Servers::tagged("role", "mail"))
        .without_reconcile();
    stack.add("Mail", mail);
    let import = Document::command("Imports a batch");
    let import = object_parameters()
        .into_iter()
        .fold(import, Document::parameter);
    let import = import.step(Step::shell("Import", ["/opt/shop/import \"$SSM_S3Key\""]));
    let import = stack.add("Import", import);
    let incoming = stack.add("Incoming", s3::Bucket::new());
    let batches = SsmSyncFleet::run_document(&import)
        .bucket(&incoming)
        .on_marker("batch-complete.txt")
        .prefix("orders/")
        .servers(Servers::tagged("role", "shop"));
    let role = stack.add(
        "Role",
        iam::Role::assumed_by(Principal::service("ec2.amazonaws.com")),
    );
    stack.add("Batches", batches).grant_servers(&role);
}
