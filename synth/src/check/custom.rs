//! Checks that the engine does not know: those of the construct library, and those of users.
//!
//! The engine knows the template format and nothing of any service. Whoever knows one adds a
//! [`Check`]: it is shown every resource of every finished template, with a [`View`] of the stack
//! around it, and tells what it finds by a [`Rule`] of its own. A check that panics is a bug of
//! that check: it is told with the construct that it failed at, and all others still run.

use std::any::type_name;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::check::cycle::{Dependents, Graph};
use crate::check::references;
use crate::check::report::Report;
use crate::check::symbols::{Symbol, Symbols};
use crate::diagnostic::{Rule, Severity, SourceLocation};
use crate::environment::Environment;
use crate::json::{Json, Text};
use crate::resolve::Draft;
use crate::rules;
use crate::template::{Template, TemplateResource};
use crate::tree::Tree;

/// Something to look for in finished templates; added by [`App::check`](crate::App::check).
///
/// ```
/// use cloudwright_synth::{
///     App, Check, Environment, Found, RawResource, Rule, Severity, TemplateResource, View,
/// };
///
/// static UNNAMED_QUEUE: Rule = Rule {
///     code: "ACME01",
///     severity: Severity::Warning,
///     title: "queue without a name",
///     explanation: "Our dashboards find queues by their names.",
///     fix: "Set QueueName.",
///     page: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html",
/// };
///
/// struct QueuesAreNamed;
///
/// impl Check for QueuesAreNamed {
///     fn kinds(&self) -> &[&'static str] {
///         &["AWS::SQS::Queue"]
///     }
///
///     fn resource(&self, queue: &TemplateResource, _: &View<'_>, found: &mut Found) {
///         if queue.properties().get("QueueName").is_none() {
///             found.tell(&UNNAMED_QUEUE, "the queue has no name", "name it");
///         }
///     }
/// }
///
/// let app = App::new();
/// app.check(QueuesAreNamed);
/// let stack = app.stack("Mail", Environment::agnostic());
/// stack.add("Inbox", RawResource::new("AWS::SQS::Queue"));
/// let assembly = app.synth()?;
/// let warnings: Vec<_> = assembly.warnings().iter().map(|found| found.rule.code).collect();
/// assert_eq!(warnings, ["ACME01"]);
/// # Ok::<(), cloudwright_synth::Diagnostics>(())
/// ```
pub trait Check {
    /// What the check is called where it fails itself.
    fn name(&self) -> &'static str {
        type_name::<Self>()
    }

    /// The types of the resources that it wants to see; none stands for all.
    fn kinds(&self) -> &[&'static str] {
        &[]
    }

    /// Looks at a resource, and tells what is wrong with it.
    fn resource(&self, resource: &TemplateResource, view: &View<'_>, found: &mut Found);

    /// Looks at what a stack has besides resources, such as parameters.
    fn stack(&self, _view: &View<'_>, _found: &mut Found) {}
}

/// What a check finds at one place.
#[derive(Default)]
pub struct Found(Vec<Told>);

/// A finding, at a line of its own if it has one.
struct Told {
    severity: Severity,
    rule: &'static Rule,
    texts: (String, String),
    line: Option<SourceLocation>,
}

impl Found {
    /// Tells a finding: what was given and expected, and what to do. The rule says how bad it is.
    pub fn tell(
        &mut self,
        rule: &'static Rule,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(rule.severity, rule, (message.into(), help.into()), None);
    }

    /// Tells a finding about what was said at another line than the construct ([`View::lines_of`]).
    pub fn tell_at(
        &mut self,
        line: SourceLocation,
        rule: &'static Rule,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let texts = (message.into(), help.into());
        self.push(rule.severity, rule, texts, Some(line));
    }

    /// Tells a finding that is less bad here than the rule is elsewhere.
    pub fn warn(
        &mut self,
        rule: &'static Rule,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Severity::Warning, rule, (message.into(), help.into()), None);
    }

    fn push(
        &mut self,
        severity: Severity,
        rule: &'static Rule,
        texts: (String, String),
        line: Option<SourceLocation>,
    ) {
        self.0.push(Told {
            severity,
            rule,
            texts,
            line,
        });
    }
}

/// The finished template around a resource, and what refers to what in it.
pub struct View<'a> {
    tree: &'a Tree,
    draft: &'a Draft,
    symbols: &'a Symbols<'a>,
    environment: &'a Environment,
    dependents: Dependents,
}

impl<'a> View<'a> {
    /// The template of the stack.
    #[must_use]
    pub const fn template(&self) -> &'a Template {
        &self.draft.template
    }

    /// The account and the region of the stack, as far as they are known.
    #[must_use]
    pub const fn environment(&self) -> &'a Environment {
        self.environment
    }

    /// The resource of this stack that a value refers to: by `Ref`, by an attribute, or within `Fn::Sub`.
    #[must_use]
    pub fn referred(&self, value: &Json) -> Option<&'a TemplateResource> {
        let mut found = None;
        references::each(value, &mut |reference| {
            let symbol = reference.value().and_then(|name| self.symbols.value(name));
            if let (None, Some(Symbol::Resource(index))) = (found, symbol) {
                found = Some(&self.draft.template.resources[index]);
            }
        });
        found
    }

    /// The resources of this stack that refer to one of it, or state that they wait for it.
    pub fn dependents(
        &self,
        resource: &TemplateResource,
    ) -> impl Iterator<Item = &'a TemplateResource> {
        let of = match self.symbols.value(resource.id()) {
            Some(Symbol::Resource(index)) => self.dependents.of(index),
            _ => &[],
        };
        let resources = &self.draft.template.resources;
        of.iter().map(|(_, from)| &resources[*from as usize])
    }

    /// The lines where a word of a resource was said ([`Scope::said`](crate::Scope::said)); none where it was said with the
    /// construct.
    #[must_use]
    pub fn lines_of(&self, resource: &TemplateResource, word: &str) -> Vec<SourceLocation> {
        self.tree.lines_of(resource.node, word)
    }

    /// The parameters of the template, by logical id.
    pub fn parameters(&self) -> impl Iterator<Item = (&'a str, &'a Json)> {
        let parameters: &'a [(Text, Json)] = &self.draft.template.parameters;
        parameters.iter().map(|(id, parameter)| (&**id, parameter))
    }
}

/// Shows a stack to all checks of the app.
pub(crate) fn check(report: &mut Report<'_>, symbols: &Symbols<'_>, draft: &Draft, graph: &Graph) {
    let tree = report.tree;
    if tree.checks.is_empty() {
        return;
    }
    let unknown = Environment::default();
    let view = View {
        tree,
        draft,
        symbols,
        environment: tree
            .stack(draft.node)
            .map_or(&unknown, |data| &data.environment),
        dependents: graph.dependents(),
    };
    for check in &tree.checks {
        run(report, &**check, draft.node, |found| {
            check.stack(&view, found);
        });
        let kinds = check.kinds();
        for resource in &draft.template.resources {
            if kinds.is_empty() || kinds.contains(&&*resource.kind) {
                run(report, &**check, resource.node, |found| {
                    check.resource(resource, &view, found);
                });
            }
        }
    }
}

/// Runs one check at one place, and goes on when it panics.
fn run(report: &mut Report<'_>, check: &dyn Check, node: u32, look: impl FnOnce(&mut Found)) {
    let mut found = Found::default();
    let outcome = catch_unwind(AssertUnwindSafe(|| look(&mut found)));
    if let Err(panic) = outcome {
        let why = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it panicked without a text");
        let message = format!("the check {} failed here: {why}", check.name());
        let help = "this is a mistake in the check, not in the program: tell whoever wrote it";
        report.warn(node, &rules::FAILED_CHECK, message, help);
    }
    if !found.0.is_empty() && !report.is_known_bad(node) {
        for told in found.0 {
            report.tell_at(told.line, node, told.severity, told.rule, told.texts);
        }
    }
}
