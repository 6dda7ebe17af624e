//! What the tests of the construct library share.
#![allow(dead_code, reason = "each test program uses a part of it")]

use cloudwright::iam::{Principal, Role, RoleRef};
use cloudwright::{App, Diagnostic, Diagnostics, Environment, Severity, Stack};
use serde_json::Value;

/// A known environment.
pub(crate) fn home() -> Environment {
    Environment::new("123456789012", "eu-central-1")
}

/// The findings of an app with one stack, `S`, that `build` fills.
pub(crate) fn findings(build: impl FnOnce(&Stack)) -> Diagnostics {
    let app = App::new();
    build(&app.stack("S", home()));
    match app.synth() {
        Ok(assembly) => assembly.warnings().clone(),
        Err(findings) => findings,
    }
}

/// The template of an app with one stack, `S`; the app is expected to be right.
#[track_caller]
pub(crate) fn template(build: impl FnOnce(&Stack)) -> Template {
    let app = App::new();
    build(&app.stack("S", home()));
    template_of(app, "S")
}

/// The template of a strict stack, `S`; the app is expected to be right.
#[track_caller]
pub(crate) fn strict_template(build: impl FnOnce(&Stack)) -> Template {
    let app = App::new();
    build(&app.stack("S", home()).strict());
    template_of(app, "S")
}

/// The template of a stack of an app that is expected to be right.
#[track_caller]
pub(crate) fn template_of(app: App, stack: &str) -> Template {
    let [template] = templates_of(app, [stack]);
    template
}

/// The templates of several stacks of an app that is expected to be right.
#[track_caller]
pub(crate) fn templates_of<const N: usize>(app: App, stacks: [&str; N]) -> [Template; N] {
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    stacks.map(|stack| {
        let text = assembly.stack(stack).unwrap().template().to_json();
        Template(serde_json::from_str(&text).unwrap())
    })
}

/// The findings of an app that must not synthesize.
#[track_caller]
pub(crate) fn refusal_of(app: App) -> Diagnostics {
    app.synth().err().expect("the program is wrong")
}

/// A role of a stack, to be granted something.
pub(crate) fn worker(stack: &Stack) -> RoleRef {
    let service = Principal::service("ecs-tasks.amazonaws.com");
    stack.add("Worker", Role::assumed_by(service))
}

/// The account that stacks abroad are in.
pub(crate) const ABROAD: &str = "210987654321";

/// Asserts that there is exactly one finding with a code, an error whose text holds all of `parts`.
#[track_caller]
pub(crate) fn assert_error(findings: &Diagnostics, code: &str, parts: &[&str]) {
    assert_finding(findings, Severity::Error, code, parts);
}

/// As [`assert_error`], for a warning.
#[track_caller]
pub(crate) fn assert_warning(findings: &Diagnostics, code: &str, parts: &[&str]) {
    assert_finding(findings, Severity::Warning, code, parts);
}

#[track_caller]
fn assert_finding(findings: &Diagnostics, severity: Severity, code: &str, parts: &[&str]) {
    let with_code = |finding: &&Diagnostic| finding.rule.code == code;
    let found: Vec<_> = findings.iter().filter(with_code).collect();
    let [finding] = found[..] else {
        panic!("expected one {code}, got:\n{findings}");
    };
    assert_eq!(finding.severity, severity, "{finding}");
    let text = finding.to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

/// A template, to be asked about.
pub(crate) struct Template(pub(crate) Value);

impl Template {
    /// All resources: logical id and body, in the order of the ids.
    pub(crate) fn resources(&self) -> impl Iterator<Item = (&str, &Value)> {
        let resources = self.0["Resources"].as_object().unwrap();
        resources.iter().map(|(id, body)| (id.as_str(), body))
    }

    /// The resources of a type.
    pub(crate) fn all(&self, kind: &str) -> Vec<&Value> {
        let of_kind = self.resources().filter(|(_, body)| body["Type"] == kind);
        of_kind.map(|(_, body)| body).collect()
    }

    /// The only resource of a type.
    #[track_caller]
    pub(crate) fn one(&self, kind: &str) -> &Value {
        let all = self.all(kind);
        let [one] = all[..] else {
            panic!("expected one {kind}, got {}:\n{:#}", all.len(), self.0);
        };
        one
    }

    /// The properties of the only resource of a type.
    #[track_caller]
    pub(crate) fn properties(&self, kind: &str) -> &Value {
        &self.one(kind)["Properties"]
    }

    /// The logical id of the only resource of a type whose id starts so.
    #[track_caller]
    pub(crate) fn id(&self, kind: &str, start: &str) -> &str {
        let mut found = self
            .resources()
            .filter(|(id, body)| body["Type"] == kind && id.starts_with(start));
        let (id, _) = found
            .next()
            .unwrap_or_else(|| panic!("no {kind} called {start}..:\n{:#}", self.0));
        assert!(found.next().is_none(), "several {kind} called {start}..");
        id
    }

    /// A resource by the start of its logical id.
    #[track_caller]
    pub(crate) fn named(&self, kind: &str, start: &str) -> &Value {
        &self.0["Resources"][self.id(kind, start)]
    }

    /// All statements of all policies of a type.
    pub(crate) fn statements(&self, kind: &str) -> Vec<&Value> {
        self.all(kind)
            .into_iter()
            .flat_map(|body| {
                body["Properties"]["PolicyDocument"]["Statement"]
                    .as_array()
                    .unwrap()
            })
            .collect()
    }

    /// The statements of a type whose actions hold this one.
    pub(crate) fn allowing(&self, kind: &str, action: &str) -> Vec<&Value> {
        self.statements(kind)
            .into_iter()
            .filter(|statement| match &statement["Action"] {
                Value::Array(actions) => actions.iter().any(|one| one == action),
                one => one == action,
            })
            .collect()
    }

    /// The only statement of a key's policy that lets a service in.
    #[track_caller]
    pub(crate) fn allowing_key(&self, service: &str) -> &Value {
        let keys = self.all("AWS::KMS::Key").into_iter();
        let statements = keys.flat_map(|key| {
            let policy = &key["Properties"]["KeyPolicy"]["Statement"];
            policy.as_array().unwrap()
        });
        let of_service = |statement: &&Value| statement["Principal"]["Service"] == service;
        let found: Vec<_> = statements.filter(of_service).collect();
        let [statement] = found[..] else {
            panic!("expected one statement for {service}, got {found:#?}");
        };
        statement
    }
}
