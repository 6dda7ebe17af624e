//! Uploads become work: a bucket that tells a queue and a topic of what arrives, a worker that may
//! do just its job, and alarms for when nobody does it.

use std::process::ExitCode;

use cloudwright::prelude::*;
use cloudwright::s3::{Event, Filter};
use cloudwright::sns::{FilterPolicy, Match, Subscription};

fn main() -> ExitCode {
    cloudwright::main(|app| {
        app.tag("project", "quickstart");
        let stack = app
            .stack("Uploads", Environment::agnostic())
            .description("Uploads become work");

        // What arrives below incoming/ is work; what arrives below shared/ is news for others.
        let uploads = stack.add("Uploads", s3::Bucket::new());
        let jobs = stack.add("Jobs", sqs::Queue::new().visibility_timeout(minutes(10)));
        let shared = stack.add("Shared", sns::Topic::new());
        uploads.notify(Event::ObjectCreated, Filter::prefix("incoming/"), &jobs);
        uploads.notify(Event::ObjectCreated, Filter::prefix("shared/"), &shared);

        // Readers of the news: an archive of everything, and a team that wants videos only.
        let archive = stack.add("Archive", sqs::Queue::new());
        let videos = stack.add("Videos", sqs::Queue::new());
        let only_videos =
            FilterPolicy::body().at(["Records", "s3", "object", "key"], Match::suffix(".mp4"));
        shared.subscribe(Subscription::queue(&archive).raw());
        shared.subscribe(Subscription::queue(&videos).raw().filter(only_videos));

        // The worker takes jobs, reads what they are about, and may do nothing else.
        let ecs = Principal::service("ecs-tasks.amazonaws.com");
        let worker = stack.add("Worker", iam::Role::assumed_by(ecs));
        uploads.grant_read(&worker);
        jobs.grant_consume(&worker);

        // Operators hear of it when work is given up, or waits.
        let operators = stack.add("Operators", sns::Topic::new());
        operators.subscribe(Subscription::email("operators@example.com"));
        jobs.alarm_on_dead_letters(&operators);
        jobs.alarm_when_older_than(minutes(15), &operators);

        stack.output("BucketName", uploads.name());
        stack.output("JobsUrl", jobs.url());
        stack.output("ArchiveUrl", archive.url());
        stack.output("SharedArn", shared.arn());
    })
}
