//! Who works on what happens to objects.

use cloudwright::ec2::{Nat, Vpc};
use cloudwright::ecr::Repository;
use cloudwright::ecs::{Cluster, Image};
use cloudwright::lambda::Architecture;
use cloudwright::patterns::notified_queue::{WayOut, Worker};
use cloudwright::prelude::*;
use cloudwright::secretsmanager::Secret;

pub fn fill(stack: &Stack) {
    let images = stack.add("Images", Repository::new());
    let image = Image::tagged(&images, "1.0.0");
    let login = stack.add("Login", Secret::new());
    let cluster = stack.add("Cluster", Cluster::new());
    let network = stack.add("Network", Vpc::new("10.1.0.0/16").nat(Nat::One));

    let media = Worker::netstorage("123456", &login)
        .prefix("media/films")
        .network(&network)
        .cluster(&cluster)
        .size(1024, MiB(2048))
        .architecture(Architecture::X86_64)
        .tasks(1..=8)
        .more_tasks_at(500, minutes(5))
        .concurrency(32)
        .max_receives(4)
        .spot();
    stack.add("Media", NotifiedQueue::new().worker(media));

    let token = stack.add("Token", Secret::new());
    let nearby = Worker::http("https://files.example/media")
        .from_image(image)
        .authorization(&token)
        .cluster(&cluster)
        .way_out(WayOut::Endpoints);
    stack.add("Nearby", NotifiedQueue::new().worker(nearby));

    let nightly = Worker::image(Image::uri("public.ecr.aws/docker/library/busybox:1.37"))
        .longest(minutes(4))
        .cluster(&cluster)
        .network(&network)
        .every(hours(24))
        .container_with(|container| container.env("TARGET", "archive"));
    let nightly = NotifiedQueue::new().standard().worker(nightly);
    stack.add("Nightly", nightly);

    let ranges = ["172.31.30.0/24", "172.31.50.0/24"];
    let theirs = Worker::netstorage("654321", &login)
        .cluster(&cluster)
        .subnets_in("vpc-0a1b2c3d4e5f60718", ranges, "rtb-0a1b2c3d4e5f60718");
    stack.add("Theirs", NotifiedQueue::new().worker(theirs));
}
