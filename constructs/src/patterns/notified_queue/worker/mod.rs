//! Who works on the messages: tasks on Fargate that carry objects to where they are served from.
//!
//! The program `worker` of `cloudwright-runtime` looks at the object of each message as it is *now*, and makes
//! NetStorage or an HTTP server hold the same; an image of one's own does whatever it does. Either way its
//! tasks have the rights on bucket, queue and dead letters, and nothing else.
//!
//! A new service starts one task, whatever waits: that it stays well is what the first deployment waits for. The steps
//! take it away five minutes later. The number is in no template, so that later deployments leave it as it is.
//!
//! ```text
//!  queue ──> worker (0 to 4 tasks) ──> NetStorage, a server, or what an own image knows
//!    │          │ can never be done, or failed each time
//!    │          v
//!    │       dead letters, with the reason
//!    v
//!  alarms ──> steps: more tasks when something waits, many or long; none when nothing waits and nothing is in flight
//! ```

mod check;
mod handle;
mod network;
mod rights;
mod scaling;
mod schedule;
mod settings;

pub use handle::WorkerRef;
pub use settings::{WayOut, Worker};

use cloudwright_contract as contract;
use cloudwright_synth::{Json, Scope, Value};

use crate::ecr::RepositoryRef;
use crate::ecs::{
    Cluster, Container, FargateService, HealthCheck, Image, TaskDefinition, TaskDefinitionRef,
};
use crate::iam::{Statement, table};
use crate::lambda::bundled;
use crate::s3::{BucketRef, Filter};
use crate::sqs::{Delivery, QueueOf, QueueRefOf};
use crate::{minutes, seconds};
use settings::Sink;

/// The program of the image.
const PROGRAM: &str = "/worker";
/// Where the worker says whether it is well, within its task.
const HEALTH_PORT: u16 = 8_080;
/// How often the queue of a built-in worker has a message received before it gives it up: as often as SQS lets it.
const RECEIVES: u32 = 1_000;
/// How long a task has to end, in seconds: as long as Fargate gives it.
const STOP: u64 = 120;
/// How much of that is left to return messages, in seconds.
const RESERVE: u64 = 10;

impl Worker {
    /// Makes the tasks that work on a queue's messages.
    pub(super) fn build<K: Delivery>(
        &self,
        scope: &Scope,
        (bucket, filters): (&BucketRef, &[Filter]),
        queue: &QueueRefOf<K>,
    ) -> WorkerRef {
        let scope = &scope.place("Worker");
        self.check(scope, queue);
        let network = self.place(scope);
        let container = self.container(scope, queue);
        let (cpu, memory) = self.size;
        let task = TaskDefinition::new(cpu, memory)
            .architecture(self.architecture)
            .container(container);
        let task = scope.add("Task", task);
        self.grant(&task, (bucket, filters), queue);
        let cluster = match &self.cluster {
            Some(cluster) => cluster.clone(),
            None => scope.add("Cluster", Cluster::new()),
        };
        let service = match self.every {
            Some(period) => {
                schedule::run(scope, period, &cluster, &task, &network);
                None
            }
            None => {
                let mut service = FargateService::new(&cluster, &task, &network);
                if self.is_spot {
                    service = service.spot();
                }
                Some(scope.add("Service", service))
            }
        };
        if let Some(service) = &service {
            let (backlog, age) = self.more_at_or_usual();
            let limits = scaling::Limits {
                tasks: self.tasks_or_usual(),
                backlog,
                age,
            };
            scaling::follow(scope, service, queue, limits);
        }
        WorkerRef {
            scope: scope.clone(),
            cluster,
            network,
            task,
            service,
            queue: queue.name(),
            is_ours: !matches!(self.sink, Sink::Own),
        }
    }

    /// Has the queue give up long after the worker: it knows no reason, and counts what was only returned, too.
    pub(super) fn keep_reasons<K: Delivery>(&self, queue: QueueOf<K>) -> QueueOf<K> {
        match self.sink {
            Sink::Own => queue,
            _ => queue.usual_receives(RECEIVES),
        }
    }

    fn container<K: Delivery>(&self, scope: &Scope, queue: &QueueRefOf<K>) -> Container {
        let image = self.image.clone().unwrap_or_else(|| self.made(scope));
        let mut container = Container::new("worker", image)
            .env("AWS_REGION", scope.region())
            .stop_timeout(seconds(STOP));
        container = match &self.sink {
            // It knows its bucket and queue, and no more is known of it.
            Sink::Own => container.env("QUEUE_URL", queue.url()),
            sink => {
                let check = HealthCheck::program([PROGRAM, "health"]).start_period(minutes(1));
                let plan = self.plan(sink, queue);
                let variables = plan.variables(|text| Json::Text(text.into())).into_iter();
                // Unlike a path it names no other deployment's worker of this account and region.
                container = container.env(contract::Worker::NAME, queue.name());
                let set = |container: Container, (name, value): (String, Json)| {
                    container.env(name, Value::<String>::from_json(value))
                };
                variables.fold(container.health_check(check), set)
            }
        };
        if let Some(dead) = queue
            .dead_letter_queue()
            .filter(|_| matches!(self.sink, Sink::Own))
        {
            container = container.env("DEAD_LETTER_URL", dead.url());
        }
        container = self.with_secret(scope, container);
        let said = self.container_with.iter();
        said.fold(container, |container, say| say(container))
    }

    /// The image that is made and pushed with the stack: by its tag, which is the hash of the program's source.
    fn made(&self, scope: &Scope) -> Image {
        let image = bundled::worker(scope, self.architecture);
        let repository = RepositoryRef::elsewhere(scope.clone(), image.bucket());
        Image::made(&repository, image.key().to_owned())
    }

    /// What the program is told.
    fn plan<K: Delivery>(&self, sink: &Sink, queue: &QueueRefOf<K>) -> contract::Worker<Json> {
        let sink = match sink {
            Sink::NetStorage { cp_code, .. } => contract::SinkPlan::NetStorage {
                cp_code: cp_code.as_json().clone(),
                prefix: self.prefix.as_ref().map(ToString::to_string),
            },
            Sink::Http { url } => contract::SinkPlan::Http {
                url: url.as_json().clone(),
            },
            Sink::Own => contract::SinkPlan::Http { url: Json::Null },
        };
        let url = |queue: &QueueRefOf<K>| queue.url().as_json().clone();
        // Without one it is reported.
        let dead = queue.dead_letter_queue().unwrap_or(queue);
        contract::Worker {
            visibility: queue.visibility_timeout().unwrap_or(minutes(5)).as_secs(),
            receives: self.receives_or_usual(),
            concurrency: self.concurrency_or_usual(),
            grace: STOP - RESERVE,
            until_empty: self.every.is_some(),
            health_port: Some(HEALTH_PORT),
            ..contract::Worker::new(url(queue), url(dead), sink)
        }
    }

    /// Has Amazon ECS put what the sink wants to see into the environment.
    fn with_secret(&self, scope: &Scope, container: Container) -> Container {
        match &self.sink {
            Sink::NetStorage { login, .. } => {
                let keys = contract::Login::NET_STORAGE.into_iter();
                keys.fold(container, |container, key| {
                    login.expect_key(scope, key);
                    container.secret_key(key, login, key)
                })
            }
            Sink::Http { .. } => match &self.shown {
                Some(held) => container.secret(contract::Login::AUTHORIZATION, held),
                None => container,
            },
            Sink::Own => container,
        }
    }
}

impl Worker {
    /// What the containers may: read the objects that they are told of, take messages, and give them up. Who may not list
    /// a bucket is not told that an object is gone. An image of one's own may also look at tags, and at the queues.
    fn grant<K: Delivery>(
        &self,
        task: &TaskDefinitionRef,
        (bucket, filters): (&BucketRef, &[Filter]),
        queue: &QueueRefOf<K>,
    ) {
        let list = Statement::allow(["s3:ListBucket"]).on(bucket.arn());
        task.role().add_statement(list);
        let is_own = matches!(self.sink, Sink::Own);
        let (read, consume) = match is_own {
            true => (&table::S3_READ_OBJECTS, &table::SQS_CONSUME),
            false => (&rights::READ, &rights::CONSUME),
        };
        for filter in filters {
            bucket.grant_below(read, filter.beginning(), task);
        }
        queue.grant_by(consume, task);
        match queue.dead_letter_queue() {
            Some(dead) if is_own => {
                dead.grant_send(task);
            }
            Some(dead) => dead.let_send(task),
            None => {}
        }
    }
}
