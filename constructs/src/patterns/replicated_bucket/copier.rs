//! The function that copies, with the queue of what failed and the rights that it needs.

use std::rc::Rc;
use std::time::Duration;

use cloudwright_contract::{Deletion, Destination, Handler, Mode, Multipart, Replicate, Skip};
use cloudwright_synth::{Json, Value};

use super::places::{Site, role_name};
use super::reconcile::CALL_TIME;
use crate::acknowledge::{Finding, by_design};
use crate::iam::{Principal, Role, RoleRef};
use crate::lambda::{Code, Function, FunctionRef};
use crate::patterns::shared;
use crate::s3::{BucketRef, Event, Filter};
use crate::sqs::{Queue, QueueRef};
use crate::{MiB, minutes};

/// A function beside a bucket, and the queue that it takes failed events from.
#[derive(Clone)]
pub(super) struct Copier {
    pub(super) function: FunctionRef,
    pub(super) failures: QueueRef,
    /// How many objects a call copies at once.
    pub(super) at_once: u32,
}

/// What a program says about the function.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) timeout: Duration,
    pub(super) memory: MiB,
    pub(super) reserved: Option<u32>,
    pub(super) at_once: Option<u32>,
    pub(super) multipart: Multipart,
    pub(super) filters: Vec<Filter>,
    pub(super) skip: Vec<Skip>,
    pub(super) deletion: Deletion,
    pub(super) with: Vec<Rc<dyn Fn(Function) -> Function>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: minutes(15),
            memory: MiB(256),
            reserved: None,
            at_once: None,
            multipart: Multipart::DEFAULT,
            filters: Vec::new(),
            skip: Vec::new(),
            deletion: Deletion::Remove,
            with: Vec::new(),
        }
    }
}

/// Why a function that has its own failures and its own copies for a source does not run for ever.
const ENDS: &str = "a failure comes back until the queue gives it up to its dead letters, and what is a copy already is \
                    not copied again";

impl Settings {
    /// Which objects are copied: all unless said.
    pub(super) fn chosen(&self) -> Vec<Filter> {
        match &self.filters[..] {
            [] => vec![Filter::all()],
            filters => filters.to_vec(),
        }
    }

    /// The function beside one site that brings its objects to others.
    pub(super) fn copier(&self, from: &Site, to: &[Site], mode: Mode<Json>) -> Copier {
        let place = &from.place;
        let wait = self.timeout.saturating_mul(shared::WAIT);
        let failures = place.add("Failures", Queue::new().visibility_timeout(wait));
        let plan = self.plan(from, to, mode);
        let at_once = plan.concurrency;
        let function = self.function(plan).timeout(self.timeout);
        let mut function = function.on_failure(&failures);
        if let Some(calls) = self.reserved {
            function = function.reserved_concurrency(calls);
        }
        let role = named_role(from, to, "");
        let function = role.iter().fold(function, Function::role);
        let function = place.add("Function", self.say(function));
        self.watch(&from.bucket, &function);
        function.consume(&failures);
        by_design(function.scope(), Finding::SelfTrigger, ENDS);
        Copier {
            function,
            failures,
            at_once,
        }
    }

    /// The function that looks at all objects.
    pub(super) fn reconciler(&self, from: &Site, to: &[Site], mode: Mode<Json>) -> FunctionRef {
        let function = self.function(self.plan(from, to, mode));
        let function = function.timeout(CALL_TIME);
        let role = named_role(from, to, "all");
        let function = role.iter().fold(function, Function::role);
        from.place.add("Reconcile", self.say(function))
    }

    fn function(&self, plan: Replicate<Json>) -> Function {
        let function = Function::new(Code::bundled(Handler::Replicate)).memory(self.memory);
        let variables = plan.variables(literal).into_iter();
        variables.fold(function, |function, (name, value)| {
            function.env(name, Value::<String>::from_json(value))
        })
    }

    /// What the program says besides.
    fn say(&self, function: Function) -> Function {
        let said = self.with.iter();
        said.fold(function, |function, say| say(function))
    }

    /// What the handler is told.
    fn plan(&self, from: &Site, to: &[Site], mode: Mode<Json>) -> Replicate<Json> {
        let destination = |site: &Site| Destination {
            prefix: site.prefix.clone().into_owned(),
            kms_key: site.key.as_ref().map(|key| key.arn().as_json().clone()),
            storage_class: site.storage_class.map(|class| class.name().to_owned()),
            deletion: site.deletion,
            ..Destination::new(
                site.bucket.name().as_json().clone(),
                site.region.as_json().clone(),
            )
        };
        let mut plan = Replicate::new(to.iter().map(destination).collect());
        plan.mode = mode;
        plan.multipart = self.multipart;
        plan.skip.clone_from(&self.skip);
        // A copy in the bucket of its original is no original.
        let copies = to.iter().filter(|site| site.is_source && from.is_source);
        plan.skip.extend(copies.map(|site| Skip {
            prefix: site.prefix.clone().into_owned(),
            suffix: String::new(),
        }));
        if let Some(objects) = self.at_once {
            plan.concurrency = objects;
        }
        plan
    }

    /// Calls the function for everything that happens to the chosen objects.
    fn watch(&self, bucket: &BucketRef, function: &FunctionRef) {
        let events = [
            Event::ObjectCreated,
            Event::ObjectRemoved,
            Event::LifecycleExpiration,
        ];
        for filter in self.chosen() {
            bucket.notify(events, filter, function);
        }
    }
}

/// Lets the function look at the chosen objects of a bucket.
pub(super) fn let_read(filters: &[Filter], bucket: &BucketRef, function: &FunctionRef) {
    for filter in filters {
        bucket.grant_replicate_from_below(filter.beginning(), function);
    }
}

/// Lets the function keep copies.
pub(super) fn let_write(site: &Site, function: &FunctionRef) {
    let (bucket, prefix) = (&site.bucket, &site.prefix);
    match site.deletion {
        Deletion::Remove => bucket.grant_replicate_to_below(prefix, function),
        Deletion::Keep => bucket.grant_copy_to_below(prefix, function),
        Deletion::Erase => bucket
            .grant_copy_to_below(prefix, function)
            .grant_erase_below(prefix, function),
    };
    if let Some(key) = &site.key {
        key.grant_data_keys(function);
    }
}

/// The role of a function that works in other accounts: their buckets let it in by its name.
fn named_role(from: &Site, to: &[Site], of: &'static str) -> Option<RoleRef> {
    let home = from.account();
    let is_abroad = |site: &Site| site.account() != home;
    to.iter().any(is_abroad).then(|| {
        let name = role_name(from, of);
        let id = if of.is_empty() {
            "Role"
        } else {
            "ReconcileRole"
        };
        let lambda = Principal::service("lambda.amazonaws.com");
        let role = Role::assumed_by(lambda).role_name(name);
        from.place.add(id, role)
    })
}

fn literal(text: String) -> Json {
    Json::Text(text.into())
}
