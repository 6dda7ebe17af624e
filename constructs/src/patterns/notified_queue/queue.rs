//! The construct and its settings.

use std::marker::PhantomData;
use std::rc::Rc;
use std::time::Duration;

use cloudwright_contract as contract;
use cloudwright_contract::Handler;
use cloudwright_synth::{Construct, Json, Scope, Value};

use super::NotifiedQueueRef;
use crate::lambda::{Code, Function, FunctionRef};
use crate::s3::{Bucket, BucketRef, Event, Filter};
use crate::sqs::{Delivery, Fifo, QueueOf, QueueRefOf, Standard};
use crate::{MiB, minutes, rules};

/// What is told unless said: whatever can change what is there.
const EVENTS: [Event; 3] = [
    Event::ObjectCreated,
    Event::ObjectRemoved,
    Event::LifecycleExpiration,
];

/// What a program says more about a part.
type Said<T> = Vec<Rc<dyn Fn(T) -> T>>;

/// Brings what happens to a bucket's objects into a queue: FIFO, by a function, or [standard](Self::standard).
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Mirror", Environment::agnostic());
/// let worker = stack.add("Worker", iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
/// let changes = NotifiedQueue::new().filter(s3::Filter::prefix("public/"));
/// let changes = stack.add("Changes", changes);
/// changes.queue().grant_consume(&worker);
/// changes.bucket().grant_read(&worker);
/// # app.synth().unwrap();
/// ```
///
/// See the [module](super) for how data flows.
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct NotifiedQueue<K = Fifo> {
    bucket: Option<BucketRef>,
    bucket_with: Said<Bucket>,
    events: Vec<Event>,
    filters: Vec<Filter>,
    visibility: Duration,
    queue_with: Said<QueueOf<K>>,
    forward: Forward,
    #[cfg(feature = "queue-worker")]
    worker: Option<super::Worker>,
    delivery: PhantomData<K>,
}

/// What a program says of the function in between.
#[derive(Clone)]
struct Forward {
    memory: MiB,
    timeout: Duration,
    with: Said<Function>,
}

impl NotifiedQueue<Fifo> {
    /// A FIFO queue of everything that happens to the objects of a bucket that is made.
    pub fn new() -> Self {
        Self {
            bucket: None,
            bucket_with: Vec::new(),
            events: EVENTS.into(),
            filters: Vec::new(),
            visibility: minutes(5),
            queue_with: Vec::new(),
            forward: Forward {
                memory: MiB(256),
                timeout: minutes(1),
                with: Vec::new(),
            },
            #[cfg(feature = "queue-worker")]
            worker: None,
            delivery: PhantomData,
        }
    }

    /// A standard queue, which S3 tells by itself: no function, no order, and messages as S3 writes them. Say it
    /// before what the queue is made with.
    pub fn standard(self) -> NotifiedQueue<Standard> {
        NotifiedQueue {
            bucket: self.bucket,
            bucket_with: self.bucket_with,
            events: self.events,
            filters: self.filters,
            visibility: self.visibility,
            queue_with: Vec::new(),
            forward: self.forward,
            #[cfg(feature = "queue-worker")]
            worker: self.worker,
            delivery: PhantomData,
        }
    }

    /// The memory of the function: 128 to 10,240 MiB, and 256 unless said.
    pub const fn memory(mut self, size: MiB) -> Self {
        self.forward.memory = size;
        self
    }

    /// How long the function may take for one event: 1 second to 15 minutes, and 1 minute unless said.
    pub const fn timeout(mut self, duration: Duration) -> Self {
        self.forward.timeout = duration;
        self
    }

    /// Says more about the function, such as its log level.
    pub fn function_with(mut self, say: impl Fn(Function) -> Function + 'static) -> Self {
        self.forward.with.push(Rc::new(say));
        self
    }
}

impl<K: Delivery> NotifiedQueue<K> {
    /// What happens to the objects of this bucket, in place of one that is made. One that exists already keeps its
    /// other notifications.
    pub fn bucket(mut self, bucket: &BucketRef) -> Self {
        self.bucket = Some(bucket.clone());
        self
    }

    /// Says more about the bucket that is made.
    pub fn bucket_with(mut self, say: impl Fn(Bucket) -> Bucket + 'static) -> Self {
        self.bucket_with.push(Rc::new(say));
        self
    }

    /// Which events: creations, removals and expirations unless said.
    pub fn events(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.events = events.into_iter().collect();
        self
    }

    /// Only of objects whose keys begin and end so; call it again for more. The filters must not overlap.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// How long a worker has for a message before others get it: up to 12 hours, and 5 minutes unless said.
    pub const fn visibility_timeout(mut self, duration: Duration) -> Self {
        self.visibility = duration;
        self
    }

    /// Says more about the queue, such as after how many attempts it gives a message up.
    pub fn queue_with(mut self, say: impl Fn(QueueOf<K>) -> QueueOf<K> + 'static) -> Self {
        self.queue_with.push(Rc::new(say));
        self
    }

    /// Has tasks on Fargate work on the messages.
    #[cfg(feature = "queue-worker")]
    pub fn worker(mut self, worker: super::Worker) -> Self {
        self.worker = Some(worker);
        self
    }

    fn check(&self, scope: &Scope) {
        if self.events.is_empty() {
            let message = "a queue that is told of no event stays empty";
            let help = "leave `.events(..)` out for all that changes what is there";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        if self.bucket.is_some() && !self.bucket_with.is_empty() {
            let message =
                "`.bucket_with(..)` is about a bucket that is made, and this one is given";
            let help = "say it where the bucket is made, or drop `.bucket(..)`";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }

    /// The bucket and the queue.
    fn ends(&self, scope: &Scope) -> (BucketRef, QueueRefOf<K>) {
        self.check(scope);
        let bucket = self.bucket.clone().unwrap_or_else(|| {
            let said = self.bucket_with.iter();
            scope.add(
                "Bucket",
                said.fold(Bucket::new(), |bucket, say| say(bucket)),
            )
        });
        let queue = QueueOf::<K>::new().visibility_timeout(self.visibility);
        let said = self.queue_with.iter();
        let queue = said.fold(queue, |queue, say| say(queue));
        #[cfg(feature = "queue-worker")]
        let queue = match &self.worker {
            Some(worker) => worker.keep_reasons(queue),
            None => queue,
        };
        let queue = scope.add("Queue", queue);
        (bucket, queue)
    }

    fn filters(&self) -> Vec<Filter> {
        if self.filters.is_empty() {
            vec![Filter::all()]
        } else {
            self.filters.clone()
        }
    }
}

impl Default for NotifiedQueue<Fifo> {
    fn default() -> Self {
        Self::new()
    }
}

impl Forward {
    /// The function that makes messages of events.
    fn function(&self, scope: &Scope, queue: &QueueRefOf<Fifo>) -> FunctionRef {
        let mut function = Function::new(Code::bundled(Handler::Forward))
            .memory(self.memory)
            .timeout(self.timeout);
        let plan = contract::Forward::new(queue.url().as_json().clone());
        for (name, value) in plan.variables(|text| Json::Text(text.into())) {
            function = function.env(name, Value::<String>::from_json(value));
        }
        let said = self.with.iter();
        let function = scope.add(
            "Function",
            said.fold(function, |function, say| say(function)),
        );
        queue.let_send(&function);
        function
    }
}

impl Construct for NotifiedQueue<Fifo> {
    type Handle = NotifiedQueueRef<Fifo>;

    fn construct(self, scope: &Scope) -> Self::Handle {
        let (bucket, queue) = self.ends(scope);
        let function = self.forward.function(scope, &queue);
        for filter in self.filters() {
            bucket.notify(self.events.clone(), filter, &function);
        }
        NotifiedQueueRef {
            #[cfg(feature = "queue-worker")]
            worker: (self.worker.as_ref())
                .map(|one| one.build(scope, (&bucket, &self.filters()), &queue)),
            scope: scope.clone(),
            bucket,
            queue,
            function: Some(function),
        }
    }
}

impl Construct for NotifiedQueue<Standard> {
    type Handle = NotifiedQueueRef<Standard>;

    fn construct(self, scope: &Scope) -> Self::Handle {
        let (bucket, queue) = self.ends(scope);
        for filter in self.filters() {
            bucket.notify(self.events.clone(), filter, &queue);
        }
        NotifiedQueueRef {
            #[cfg(feature = "queue-worker")]
            worker: (self.worker.as_ref())
                .map(|one| one.build(scope, (&bucket, &self.filters()), &queue)),
            scope: scope.clone(),
            bucket,
            queue,
            function: None,
        }
    }
}
