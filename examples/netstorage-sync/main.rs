//! Media of a bucket on Akamai NetStorage: what is uploaded below `media/` is served by the CDN within seconds, and
//! what is removed is gone there, too.

use std::process::ExitCode;

use cloudwright::patterns::notified_queue::Worker;
use cloudwright::prelude::*;
use cloudwright::secretsmanager::Secret;
use cloudwright::sns::Subscription;

/// The addresses of the two subnets in which workers run, in a network that exists already.
const SUBNETS: [&str; 2] = ["172.31.30.0/24", "172.31.50.0/24"];

fn main() -> ExitCode {
    cloudwright::main(|app| {
        app.account("media", "111111111111");
        let home = Environment::new("media", "eu-central-1");

        // What has to be filled before a worker can start has a stack of its own: the secret, a JSON object with
        // NS_HOSTNAME, NS_USER and NS_KEY. The worker's image is made and pushed with the stack.
        let first = app.stack("NetStorageAccess", home.clone());
        let login = first.add("Login", Secret::new());

        let sync = app.stack("NetStorageSync", home);
        let bucket = sync.add("Bucket", text("the bucket that is mirrored"));
        let media = s3::Bucket::import(&sync, "Media", bucket);
        let cp_code = sync.add(
            "CpCode",
            text("the CP code that takes the uploads").pattern("[0-9]{1,10}"),
        );
        let network = sync.add("Network", Parameter::aws("AWS::EC2::VPC::Id"));
        let routes = text("the table of routes with a NAT gateway").pattern("rtb-[0-9a-f]+");
        let routes = sync.add("RouteTable", routes);

        let worker = Worker::netstorage(cp_code, &login)
            .subnets_in(network, SUBNETS, routes)
            .tasks(0..=4);
        let changes = NotifiedQueue::new()
            .bucket(&media)
            .filter(s3::Filter::prefix("media/"))
            .worker(worker);
        let changes = sync.add("Changes", changes);

        let operators = sync.add("Operators", sns::Topic::new());
        operators.subscribe(Subscription::email("media@example.com"));
        changes.alarms(hours(1), &operators);
        Ok(())
    })
}

fn text(description: &'static str) -> Parameter<String> {
    Parameter::string().description(description)
}
