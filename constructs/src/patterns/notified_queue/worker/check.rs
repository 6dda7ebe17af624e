//! What is wrong with a worker, as far as that is known at synthesis.

use cloudwright_contract as contract;
use cloudwright_synth::{Json, ResourceRef as _, Scope};

use super::settings::{Place, Sink, WayOut, Worker};
use crate::ecr::RepositoryRef;
use crate::sqs::{Delivery, QueueRefOf};
use crate::{rules, seconds};

/// The shortest time that a queue hides a message from others, for a worker that hides it again three times in it.
const SHORTEST: std::time::Duration = seconds(30);

impl Worker {
    pub(super) fn check<K: Delivery>(&self, scope: &Scope, queue: &QueueRefOf<K>) {
        self.check_sink(scope);
        self.check_numbers(scope);
        self.check_queue(scope, queue);
        self.check_first(scope);
        self.check_effect(scope);
        let is_closed = matches!(self.place, Place::Own(WayOut::Endpoints));
        if is_closed && matches!(self.sink, Sink::NetStorage { .. }) {
            let message = "NetStorage is on the internet, and endpoints lead to AWS alone";
            let help = "`.way_out(WayOut::Nat)`, or `WayOut::NatAndEndpoints`";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }

    fn check_sink(&self, scope: &Scope) {
        let refuse = |message: String, help: &'static str| {
            scope.error(&rules::OUT_OF_RANGE, message, help);
        };
        match &self.sink {
            Sink::NetStorage { cp_code, .. } => {
                if let Some(code) = Self::known(cp_code).filter(|code| !is_cp_code(code)) {
                    let message = format!("a CP code is up to 10 digits, got \"{code}\"");
                    refuse(message, "such as \"123456\", or a parameter of the stack");
                }
            }
            Sink::Http { url } => {
                if let Some(url) = Self::known(url).filter(|url| !contract::Worker::takes_url(url))
                {
                    let message = format!(
                        "objects are sent to `https://host/path` without a slash at its end, got \"{url}\""
                    );
                    refuse(message, "such as \"https://cdn.example/media\"");
                }
            }
            Sink::Own => {}
        }
        let Some(prefix) = &self.prefix else { return };
        if !matches!(self.sink, Sink::NetStorage { .. }) {
            let message = "`.prefix(..)` is a folder of NetStorage, and objects go elsewhere";
            let help = "say it at the end of the URL";
            scope.error(&rules::CONTRADICTION, message, help);
        } else if !contract::Worker::takes_prefix(prefix) {
            let message = format!(
                "a folder below the CP code has no slash at its ends and no `.` and `..` in it, got \"{prefix}\""
            );
            refuse(message, "such as \"media/films\"");
        }
    }

    fn check_numbers(&self, scope: &Scope) {
        let numbers = [
            (
                "objects at the same time",
                self.concurrency_or_usual(),
                contract::Worker::CONCURRENCY,
            ),
            (
                "times that a message is received",
                self.receives_or_usual(),
                contract::Worker::RECEIVES,
            ),
        ];
        for (what, got, range) in numbers {
            if !range.contains(&got) {
                let message = format!("{what}: {} to {}, got {got}", range.start(), range.end());
                scope.error(&rules::OUT_OF_RANGE, message, "16 and 5 unless said");
            }
        }
        if *self.tasks_or_usual().end() == 0 {
            let message = "a worker of at most 0 tasks does nothing";
            scope.error(&rules::OUT_OF_RANGE, message, "such as `.tasks(0..=4)`");
        }
        let (backlog, age) = self.more_at_or_usual();
        if backlog == 0 || age.is_zero() {
            let message = "one more task comes when at least 1 message waits, or for some time";
            let help = "such as `.more_tasks_at(1_000, minutes(10))`";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        if self.every.is_some() && self.is_spot {
            let message = "`.spot()` is about a service, and `.every(..)` runs single tasks";
            scope.error(&rules::CONTRADICTION, message, "drop one of the two");
        }
    }

    fn check_queue<K: Delivery>(&self, scope: &Scope, queue: &QueueRefOf<K>) {
        if queue.dead_letter_queue().is_none() {
            let message =
                "the worker sends what it gives up to a dead-letter queue, and the queue has none";
            let help = "take `.without_dead_letter_queue()` away";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        let hidden = queue.visibility_timeout().unwrap_or(SHORTEST);
        let (needed, why) = match (&self.sink, self.longest) {
            (Sink::Own, Some(longest)) => (longest, "the image works on it"),
            (Sink::Own, None) => return self.check_receives(scope, queue),
            _ => (SHORTEST, "the worker needs to hide it again in time"),
        };
        if hidden < needed {
            let message = format!(
                "a message is hidden for {} s, and {why} for up to {} s: others would work on it, too",
                hidden.as_secs(),
                needed.as_secs()
            );
            let help = "`.visibility_timeout(minutes(5))`, or more";
            scope.error(&rules::SHORT_VISIBILITY, message, help);
        }
        self.check_receives(scope, queue);
    }

    /// A setting without effect is a mistake.
    fn check_effect(&self, scope: &Scope) {
        let is_own = matches!(self.sink, Sink::Own);
        let said = [
            (
                self.shown.is_some() && !matches!(self.sink, Sink::Http { .. }),
                "`.authorization(..)` is for an HTTP server, and objects go elsewhere",
            ),
            (
                self.longest.is_some() && !is_own,
                "`.longest(..)` is for an image of one's own: the worker hides a message again as long as it works on it",
            ),
            (
                self.concurrency.is_some() && is_own,
                "`.concurrency(..)` is of the worker that is brought along, and an image of one's own does not know it",
            ),
            (
                self.receives.is_some() && is_own,
                "`.max_receives(..)` is of the worker that is brought along: an image of one's own has the number of its queue",
            ),
            (
                self.tasks.is_some() && self.every.is_some(),
                "`.tasks(..)` is about a service, and `.every(..)` starts one task each time",
            ),
            (
                self.more_at.is_some() && self.every.is_some(),
                "`.more_tasks_at(..)` is about a service, and `.every(..)` starts one task each time",
            ),
            (
                self.places > 1,
                "the tasks run in one network: `.network(..)`, `.subnets_in(..)` or `.way_out(..)`, got more than one of them",
            ),
        ];
        for (_, message) in said.into_iter().filter(|(is_idle, _)| *is_idle) {
            scope.error(&rules::CONTRADICTION, message, "take it away");
        }
        if is_own && self.longest.is_none() {
            let message = "it is not known how long the image works on a message, and the queue shows it to others after a while";
            let help = "say it: `.longest(minutes(5))`";
            scope.warn(&rules::SHORT_VISIBILITY, message, help);
        }
    }

    /// A new service starts one task to show that it can. What is as new as the service, and has to be filled by
    /// somebody, is still empty then: the deployment fails, and takes it away again.
    fn check_first(&self, scope: &Scope) {
        if self.every.is_some() {
            return;
        }
        let stack = scope.stack().path();
        let help = "put it into a stack of its own, which is deployed, and filled, before this one";
        let secret = match &self.sink {
            Sink::NetStorage { login, .. } => Some(login),
            Sink::Http { .. } => self.shown.as_ref(),
            Sink::Own => None,
        };
        if let Some((secret, cfn)) = secret.and_then(|secret| secret.cfn().map(|cfn| (secret, cfn)))
        {
            let values = ["GenerateSecretString", "SecretString"];
            let is_filled = values
                .iter()
                .any(|name| cfn.handle().property(name).is_some());
            if !is_filled && secret.scope().stack().path() == stack {
                let message =
                    "the first task needs the secret, which is empty when this stack is created";
                scope.warn(&rules::CONTRADICTION, message, help);
            }
        }
        let repository = self
            .image
            .as_ref()
            .and_then(|image| image.repository.as_ref());
        let is_new =
            |one: &&RepositoryRef| one.cfn().is_some() && one.scope().stack().path() == stack;
        if repository.is_some_and(|one| is_new(&one)) {
            let message = "the first task needs the image, and its repository is empty when this stack is created";
            scope.warn(&rules::CONTRADICTION, message, help);
        }
    }

    /// The queue must not give up before the worker does.
    fn check_receives<K: Delivery>(&self, scope: &Scope, queue: &QueueRefOf<K>) {
        if matches!(self.sink, Sink::Own) {
            return;
        }
        let Some(cfn) = queue.cfn() else { return };
        let told = cfn.handle().property("RedrivePolicy");
        let told = told
            .as_ref()
            .and_then(|policy| match policy.get("maxReceiveCount") {
                Some(Json::Int(times)) => Some(*times),
                _ => None,
            });
        if told.is_some_and(|told| told <= i64::from(self.receives_or_usual())) {
            let message = format!(
                "the queue gives a message up after {} times, the worker after {}: the reason can be lost",
                told.unwrap_or_default(),
                self.receives_or_usual()
            );
            let help = "say fewer with `.max_receives(..)`, or more of the queue";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }
}

fn is_cp_code(text: &str) -> bool {
    contract::Worker::takes_cp_code(text)
}
