//! The CloudFormation of the tests as the library sees it, and a store that is not used.

use std::path::PathBuf;
use std::rc::Rc;

use cloudwright_deploy::cloud::{
    Call, ChangeSetOrder, ChangeSetPage, Content, Drift, EventPage, Finding, Formation,
    StackResource, StackState, Storage, TemplateSource,
};
use cloudwright_deploy::fault::{Class, Fault};
use cloudwright_deploy::problem::Problem;
use cloudwright_deploy::publish::Maker;
use cloudwright_deploy::running::services::{LogEvent, LogPage, Logs};
use cloudwright_deploy::status::{Next, Status};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use crate::fake::World;

/// How many changes and events a page has.
const PAGE: usize = 2;

/// The service as the library sees it.
pub(crate) struct Fake(pub(crate) Rc<World>);

fn page<T: Clone>(all: &[T], token: Option<&str>) -> (Vec<T>, Option<String>) {
    let start: usize = token.map_or(0, |token| token.parse().unwrap());
    let end = (start + PAGE).min(all.len());
    (
        all[start..end].to_vec(),
        (end < all.len()).then(|| end.to_string()),
    )
}

impl Logs for Fake {
    fn events<'a>(
        &'a self,
        group: &'a str,
        since: i64,
        _: Option<&'a str>,
        token: Option<&'a str>,
    ) -> Call<'a, LogPage> {
        self.0.call("log", &format!("{group} {since}"), || {
            let lines = self.0.lines.borrow();
            let (lines, next) = page(lines.get(group).map_or(&[][..], Vec::as_slice), token);
            let event = |message: String| LogEvent {
                message,
                ..LogEvent::default()
            };
            let events = lines.into_iter().map(event).collect();
            Ok(LogPage { events, next })
        })
    }
}

impl Formation for Fake {
    fn stack<'a>(&'a self, _: &'a str) -> Call<'a, Option<StackState>> {
        self.0.call("stack", "", || Ok(self.0.look()))
    }

    fn template<'a>(&'a self, _: &'a str) -> Call<'a, String> {
        self.0
            .call("template", "", || Ok(self.0.template.borrow().clone()))
    }

    fn resources<'a>(&'a self, _: &'a str) -> Call<'a, Vec<StackResource>> {
        self.0
            .call("resources", "", || Ok(self.0.retained.borrow().clone()))
    }

    fn events<'a>(&'a self, _: &'a str, token: Option<&'a str>) -> Call<'a, EventPage> {
        let newest: Vec<_> = self.0.events.borrow().iter().rev().cloned().collect();
        let (events, next) = page(&newest, token);
        self.0.call("events", "", || Ok(EventPage { events, next }))
    }

    fn findings<'a>(&'a self, _: &'a str, _: Option<&'a str>) -> Call<'a, Vec<Finding>> {
        self.0
            .call("findings", "", || Ok(self.0.findings.borrow().clone()))
    }

    fn create_change_set<'a>(&'a self, order: &'a ChangeSetOrder) -> Call<'a, ()> {
        let kind = match (order.imports.is_empty(), order.creates) {
            (false, _) => "IMPORT",
            (true, true) => "CREATE",
            (true, false) => "UPDATE",
        };
        self.0.call("create_change_set", kind, || {
            self.0.ordered.borrow_mut().push(order.clone());
            let refused = |class, message: String| Fault {
                class,
                operation: "CreateChangeSet",
                code: String::new(),
                message,
            };
            let status = self.0.status().map(|name| Status::named(&name));
            let is_there = status
                .as_ref()
                .is_some_and(|status| status.next() != Next::Create);
            if self.0.sets.borrow().contains_key(&order.name) || (order.creates && is_there) {
                return Err(refused(Class::Exists, format!("{} exists", order.name)));
            }
            if status.is_some_and(|status| status.is_moving()) {
                return Err(refused(Class::Busy, "_IN_PROGRESS state".to_owned()));
            }
            self.0
                .sets
                .borrow_mut()
                .insert(order.name.clone(), order.clone());
            if self.0.stack.borrow().is_none() {
                let shell = World::with("REVIEW_IN_PROGRESS", &Value::Null);
                *self.0.stack.borrow_mut() = shell.stack.borrow().clone();
            }
            Ok(())
        })
    }

    fn change_set<'a>(
        &'a self,
        _: &'a str,
        name: &'a str,
        token: Option<&'a str>,
    ) -> Call<'a, ChangeSetPage> {
        self.0.call("change_set", "", || {
            if !self.0.sets.borrow().contains_key(name) {
                return Err(World::missing("DescribeChangeSet"));
            }
            let refusal = self.0.refusal.borrow().clone();
            let (changes, next) = page(&self.0.changes.borrow(), token);
            let fine = refusal.is_empty();
            Ok(ChangeSetPage {
                status: if fine { "CREATE_COMPLETE" } else { "FAILED" }.to_owned(),
                reason: (!fine).then_some(refusal),
                execution: if fine { "AVAILABLE" } else { "UNAVAILABLE" }.to_owned(),
                changes,
                next,
            })
        })
    }

    fn execute_change_set<'a>(&'a self, _: &'a str, name: &'a str, token: &'a str) -> Call<'a, ()> {
        self.0.call("execute_change_set", "", || {
            self.0.claim("execute_change_set", name, token)?;
            let Some(order) = self.0.sets.borrow_mut().remove(name) else {
                return Err(World::missing("ExecuteChangeSet"));
            };
            if let TemplateSource::Body(body) = &order.template {
                self.0.template.borrow_mut().clone_from(body);
            }
            self.0.move_to(
                if !order.imports.is_empty() {
                    "IMPORT_IN_PROGRESS"
                } else if order.creates {
                    "CREATE_IN_PROGRESS"
                } else {
                    "UPDATE_IN_PROGRESS"
                },
                token,
            );
            Ok(())
        })
    }

    fn delete_change_set<'a>(&'a self, _: &'a str, name: &'a str) -> Call<'a, ()> {
        self.0.call("delete_change_set", "", || {
            self.0.sets.borrow_mut().remove(name);
            Ok(())
        })
    }

    fn delete_stack<'a>(
        &'a self,
        _: &'a str,
        retain: &'a [String],
        token: &'a str,
    ) -> Call<'a, ()> {
        self.0.call("delete_stack", &retain.join(","), || {
            self.0.claim("delete_stack", &retain.join(","), token)?;
            if self.0.status().as_deref() == Some("REVIEW_IN_PROGRESS") {
                *self.0.stack.borrow_mut() = None;
            } else {
                self.0.move_to("DELETE_IN_PROGRESS", token);
            }
            Ok(())
        })
    }

    fn continue_rollback<'a>(
        &'a self,
        _: &'a str,
        skip: &'a [String],
        token: &'a str,
    ) -> Call<'a, ()> {
        self.0.call("continue_rollback", &skip.join(","), || {
            self.0.claim("continue_rollback", &skip.join(","), token)?;
            self.0.move_to("UPDATE_ROLLBACK_IN_PROGRESS", token);
            Ok(())
        })
    }

    fn rollback<'a>(&'a self, _: &'a str, token: &'a str) -> Call<'a, ()> {
        self.0.call("rollback", "", || {
            self.0.claim("rollback", "", token)?;
            self.0.move_to("UPDATE_ROLLBACK_IN_PROGRESS", token);
            Ok(())
        })
    }

    fn cancel_update<'a>(&'a self, _: &'a str, own: &'a str) -> Call<'a, ()> {
        self.0.call("cancel_update", "", || {
            self.0.claim("cancel_update", "", own)?;
            let token = self
                .0
                .events
                .borrow()
                .last()
                .and_then(|event| event.token.clone())
                .unwrap_or_default();
            self.0.move_to("UPDATE_ROLLBACK_IN_PROGRESS", &token);
            Ok(())
        })
    }

    fn importers<'a>(&'a self, export: &'a str) -> Call<'a, Vec<String>> {
        self.0.call("importers", export, || {
            Ok(self.0.importers.borrow().clone())
        })
    }

    fn detect_drift<'a>(&'a self, _: &'a str) -> Call<'a, String> {
        self.0.call("detect_drift", "", || Ok(String::new()))
    }

    fn is_drift_detected<'a>(&'a self, _: &'a str) -> Call<'a, bool> {
        self.0.call("is_drift_detected", "", || Ok(true))
    }

    fn drifts<'a>(&'a self, _: &'a str) -> Call<'a, Vec<Drift>> {
        self.0.call("drifts", "", || Ok(Vec::new()))
    }

    fn protect<'a>(&'a self, _: &'a str, on: bool) -> Call<'a, ()> {
        self.0.call("protect", &on.to_string(), || Ok(()))
    }
}

/// A store that nobody needs.
pub(crate) struct NoStorage;

impl Storage for NoStorage {
    fn has_bucket<'a>(&'a self, _: &'a str) -> Call<'a, bool> {
        async { Ok(false) }.boxed_local()
    }

    fn size<'a>(&'a self, _: &'a str, _: &'a str) -> Call<'a, Option<u64>> {
        async { Ok(None) }.boxed_local()
    }

    fn upload<'a>(&'a self, _: &'a str, _: &'a str, _: Content<'a>, _: bool) -> Call<'a, ()> {
        async { Ok(()) }.boxed_local()
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        format!("https://{bucket}/{key}")
    }

    fn count<'a>(&'a self, _: &'a str) -> Call<'a, usize> {
        async { Ok(0) }.boxed_local()
    }

    fn empty<'a>(&'a self, _: &'a str) -> Call<'a, usize> {
        async { Ok(0) }.boxed_local()
    }
}

impl Maker for NoStorage {
    fn make<'a>(&'a self, _: &'a [String]) -> LocalBoxFuture<'a, Result<PathBuf, Problem>> {
        async { Err(Problem::failed("there is nothing to make", "")) }.boxed_local()
    }
}
