//! What a program says of the worker.

use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

use cloudwright_synth::{Id, IntoValue, Json, Text, Value};

use crate::cfn;
use crate::ec2::VpcRef;
use crate::ecs::{ClusterRef, Container, Image};
use crate::lambda::Architecture;
use crate::secretsmanager::SecretRef;
use crate::{MiB, minutes};

/// How the tasks of an own network reach the queue, the bucket and where objects go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WayOut {
    /// By a NAT gateway, over which they reach the internet, too.
    #[default]
    Nat,
    /// By endpoints of the services that they need, and nothing else: for a sink in the network itself.
    Endpoints,
    /// By both: what AWS is asked and sends does not go over the gateway.
    NatAndEndpoints,
}

/// Where objects go.
#[derive(Clone)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one of it for each worker"
)]
pub(super) enum Sink {
    NetStorage {
        cp_code: Value<String>,
        login: SecretRef,
    },
    Http {
        url: Value<String>,
    },
    /// Wherever an image of one's own brings them.
    Own,
}

/// Where the tasks run.
#[derive(Clone)]
pub(super) enum Place {
    /// In a network of their own.
    Own(WayOut),
    Given(VpcRef),
    /// In two new subnets of a network that exists already, with its table of routes.
    Subnets {
        vpc: Value<Id<cfn::ec2::Vpc>>,
        table: Value<Id<cfn::ec2::RouteTable>>,
        ranges: [Text; 2],
    },
}

/// What a program says more about the container.
type Said = Vec<Rc<dyn Fn(Container) -> Container>>;

/// Who works on the messages of a [`NotifiedQueue`](super::super::NotifiedQueue): tasks on Fargate, none while
/// nothing is to be done.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::patterns::notified_queue::Worker;
/// # let app = App::new();
/// # let first = app.stack("First", Environment::agnostic());
/// # let stack = app.stack("Mirror", Environment::agnostic());
/// // It is filled before the stack of the worker is deployed: with NS_HOSTNAME, NS_USER and NS_KEY.
/// let login = first.add("NetStorageLogin", secretsmanager::Secret::new());
/// let worker = Worker::netstorage("123456", &login).prefix("media");
/// let changes = stack.add("Changes", NotifiedQueue::new().worker(worker));
/// assert!(changes.worker().is_some());
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a worker does nothing until a queue has it: `NotifiedQueue::new().worker(..)`"]
pub struct Worker {
    /// One that is made and pushed with the stack, unless said.
    pub(super) image: Option<Image>,
    pub(super) sink: Sink,
    pub(super) prefix: Option<Text>,
    pub(super) place: Place,
    pub(super) cluster: Option<ClusterRef>,
    pub(super) size: (u32, MiB),
    pub(super) architecture: Architecture,
    /// 0 to 4 unless said.
    pub(super) tasks: Option<RangeInclusive<u32>>,
    /// 1,000 messages and 10 minutes unless said.
    pub(super) more_at: Option<(u32, Duration)>,
    pub(super) every: Option<Duration>,
    /// 16 unless said.
    pub(super) concurrency: Option<u32>,
    /// 5 unless said.
    pub(super) receives: Option<u32>,
    /// The header of an HTTP server, whatever the sink is.
    pub(super) shown: Option<SecretRef>,
    /// How often a place for the tasks was said.
    pub(super) places: u32,
    pub(super) longest: Option<Duration>,
    pub(super) is_spot: bool,
    pub(super) container_with: Said,
}

impl Worker {
    /// Carries objects to Akamai NetStorage, below a CP code. The secret holds a JSON object with `NS_HOSTNAME`, `NS_USER`
    /// (the name of the key) and `NS_KEY`; it belongs to a stack that is deployed, and filled, before this one.
    ///
    /// The program is made into an image and pushed to the repository of the bootstrap, without Docker, before the stack
    /// is deployed.
    pub fn netstorage(cp_code: impl IntoValue<String>, login: &SecretRef) -> Self {
        let sink = Sink::NetStorage {
            cp_code: cp_code.into_value(),
            login: login.clone(),
        };
        Self::new(None, sink)
    }

    /// Carries objects to a server that takes `PUT` and `DELETE`, behind this `https` URL without a slash at its
    /// end. The program is that of [`netstorage`](Self::netstorage).
    pub fn http(url: impl IntoValue<String>) -> Self {
        let sink = Sink::Http {
            url: url.into_value(),
        };
        Self::new(None, sink)
    }

    /// An image of your own. It has `QUEUE_URL`, `DEAD_LETTER_URL` and `AWS_REGION` in its environment, takes messages,
    /// and removes each when it is done.
    pub fn image(image: Image) -> Self {
        Self::new(Some(image), Sink::Own)
    }

    fn new(image: Option<Image>, sink: Sink) -> Self {
        Self {
            image,
            sink,
            prefix: None,
            place: Place::Own(WayOut::Nat),
            cluster: None,
            size: (512, MiB(1024)),
            architecture: Architecture::default(),
            tasks: None,
            more_at: None,
            every: None,
            concurrency: None,
            receives: None,
            shown: None,
            places: 0,
            longest: None,
            is_spot: false,
            container_with: Vec::new(),
        }
    }

    /// Takes the program from this image, which has the `worker` of `cloudwright-runtime` as `/worker`, in place of one
    /// that is made and pushed with the stack. It has to be there before this stack is deployed.
    pub fn from_image(mut self, image: Image) -> Self {
        self.image = Some(image);
        self
    }

    /// A folder below the CP code, such as `media/films`.
    pub fn prefix(mut self, folder: impl Into<Text>) -> Self {
        self.prefix = Some(folder.into());
        self
    }

    /// What an HTTP server is shown as the header `Authorization`: all of the secret's text, such as `Bearer ..`.
    pub fn authorization(mut self, secret: &SecretRef) -> Self {
        self.shown = Some(secret.clone());
        self
    }

    /// Runs in the private subnets of this network, in place of one of its own.
    pub fn network(self, network: &VpcRef) -> Self {
        self.placed(Place::Given(network.clone()))
    }

    fn placed(mut self, place: Place) -> Self {
        self.places += 1;
        self.place = place;
        self
    }

    /// Runs in two new private subnets of a network that exists already: their addresses, such as `172.31.30.0/24`
    /// and `172.31.50.0/24`, one for each of two zones; and the table of routes that leads out of them, by a NAT
    /// gateway.
    pub fn subnets_in(
        self,
        vpc: impl IntoValue<Id<cfn::ec2::Vpc>>,
        ranges: [&'static str; 2],
        route_table: impl IntoValue<Id<cfn::ec2::RouteTable>>,
    ) -> Self {
        self.placed(Place::Subnets {
            vpc: vpc.into_value(),
            table: route_table.into_value(),
            ranges: ranges.map(Text::Borrowed),
        })
    }

    /// How an own network is left: by a NAT gateway unless said.
    pub fn way_out(self, way: WayOut) -> Self {
        self.placed(Place::Own(way))
    }

    /// Runs in this cluster, in place of one of its own.
    pub fn cluster(mut self, cluster: &ClusterRef) -> Self {
        self.cluster = Some(cluster.clone());
        self
    }

    /// How large a task is, in processor units and memory: 512 and 1,024 MiB unless said.
    pub const fn size(mut self, cpu: u32, memory: MiB) -> Self {
        self.size = (cpu, memory);
        self
    }

    /// The processor that the image is made for: Arm unless said.
    pub const fn architecture(mut self, architecture: Architecture) -> Self {
        self.architecture = architecture;
        self
    }

    /// How few and how many tasks there are: 0 to 4 unless said.
    pub const fn tasks(mut self, tasks: RangeInclusive<u32>) -> Self {
        self.tasks = Some(tasks);
        self
    }

    /// How many messages may wait, and for how long, before one more task comes: 1,000 and 10 minutes unless
    /// said.
    pub const fn more_tasks_at(mut self, messages: u32, age: Duration) -> Self {
        self.more_at = Some((messages, age));
        self
    }

    /// A task again and again, after one or more whole minutes, in place of a service: it works until the queue
    /// has nothing more to give, and ends. One that still works when the next is started goes on beside it. An image of
    /// your own has to end by itself.
    pub const fn every(mut self, period: Duration) -> Self {
        self.every = Some(period);
        self
    }

    /// How many objects a task carries at the same time: 1 to 256, and 16 unless said.
    pub const fn concurrency(mut self, objects: u32) -> Self {
        self.concurrency = Some(objects);
        self
    }

    /// How often a message is received before the worker gives it up: 5 times unless said. The queue's own number, 1,000
    /// unless said, has to be more, for it gives up without the reason.
    pub const fn max_receives(mut self, times: u32) -> Self {
        self.receives = Some(times);
        self
    }

    /// How long an image of your own works on one message, at most, without hiding it again: the queue hides it for
    /// at least as long.
    pub const fn longest(mut self, work: Duration) -> Self {
        self.longest = Some(work);
        self
    }

    /// At spot prices: a task may be told to stop, and what it has not done is returned.
    pub const fn spot(mut self) -> Self {
        self.is_spot = true;
        self
    }

    /// Says more about the container, such as variables of an image of your own.
    pub fn container_with(mut self, say: impl Fn(Container) -> Container + 'static) -> Self {
        self.container_with.push(Rc::new(say));
        self
    }

    /// How few and how many tasks.
    pub(super) fn tasks_or_usual(&self) -> RangeInclusive<u32> {
        self.tasks.clone().unwrap_or(0..=4)
    }

    /// How many messages may wait, and for how long.
    pub(super) fn more_at_or_usual(&self) -> (u32, Duration) {
        self.more_at.unwrap_or((1_000, minutes(10)))
    }

    /// How many objects at the same time.
    pub(super) fn concurrency_or_usual(&self) -> u32 {
        self.concurrency.unwrap_or(16)
    }

    /// How often a message is received.
    pub(super) fn receives_or_usual(&self) -> u32 {
        self.receives.unwrap_or(5)
    }

    /// The text of a value that is known at synthesis.
    pub(super) fn known(value: &Value<String>) -> Option<&str> {
        Json::as_text(value.as_json())
    }
}
