//! Documents with typed parameters and steps.

use cloudwright_synth::{
    Construct, Id, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Text, Value,
};

use super::{DocumentParameter, DocumentRef, Step};
use crate::cfn::ssm::document::{DocumentFormat, DocumentType, UpdateMethod};
use crate::{cfn, defaults, rules};

/// The version of the form that documents are written in.
const SCHEMA: &str = "2.2";
/// How large a document may be, in bytes.
const LARGEST: usize = 64 * 1024;
/// What it runs on.
const TARGET: &str = "/AWS::EC2::Instance";

/// A document: a command that Systems Manager runs on servers
/// ([AWS](https://docs.aws.amazon.com/systems-manager/latest/userguide/documents.html)), of schema 2.2.
///
/// A change makes a new version, which becomes the default one; the document keeps its name.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::ssm::{Document, Servers, Step};
/// # let app = App::new();
/// # let stack = app.stack("Servers", Environment::agnostic());
/// let restart = Document::command("Restarts the shop")
///     .step(Step::shell("Restart", ["systemctl restart shop"]).timeout(minutes(2)));
/// let restart = stack.add("Restart", restart);
/// let operator = stack.add("Operator", iam::Role::assumed_by(Principal::service("lambda.amazonaws.com")));
/// restart.grant_run(&operator, &[Servers::tagged("role", "shop")]);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Document {
    description: Text,
    parameters: Vec<DocumentParameter>,
    steps: Vec<Step>,
    name: Option<Json>,
    version: Option<Text>,
    removal: RemovalPolicy,
}

impl Document {
    /// A command, and what it is for.
    pub fn command(description: impl Into<Text>) -> Self {
        Self {
            description: description.into(),
            parameters: Vec::new(),
            steps: Vec::new(),
            name: None,
            version: None,
            removal: RemovalPolicy::Destroy,
        }
    }

    /// What each run may be given.
    pub fn parameter(mut self, parameter: DocumentParameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// What it does next. At least one.
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// A fixed name: 3 to 128 letters, digits, `_`, `-` and `.`. Without one CloudFormation makes a unique
    /// name. A change replaces the document.
    pub fn document_name(mut self, name: impl IntoValue<String>) -> Self {
        self.name = Some(name.into_json());
        self
    }

    /// A name for this version, such as `3.1`: 3 to 128 letters, digits, `_`, `-` and `.`. Each version has to
    /// have another.
    pub fn version_name(mut self, name: impl Into<Text>) -> Self {
        self.version = Some(name.into());
        self
    }

    /// What becomes of the document when it leaves the template: deleted unless said, since it holds
    /// nothing that the program does not say.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = policy;
        self
    }

    /// A document that exists already in the stack's account and region, by name; those of AWS, such as
    /// `AWS-RunShellScript`, belong to no account.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        name: impl IntoValue<Id<cfn::ssm::Document>>,
    ) -> DocumentRef {
        DocumentRef::imported(scope.place(id), name.into_value())
    }

    fn content(&self, scope: &Scope) -> Json {
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|one| (one.name().clone(), one.content()));
        let steps = self.steps.iter();
        let steps = steps.map(|step| step.content(scope, &self.parameters));
        let mut members = vec![
            ("schemaVersion", Json::Text(SCHEMA.into())),
            ("description", Json::Text(self.description.clone())),
            ("mainSteps", Json::List(steps.collect())),
        ];
        if !self.parameters.is_empty() {
            members.push(("parameters", Json::map(parameters)));
        }
        Json::map(members)
    }

    /// Reports what Systems Manager refuses.
    fn check(&self, scope: &Scope, content: &Json) {
        for parameter in &self.parameters {
            parameter.check(scope);
        }
        for step in &self.steps {
            step.check(scope, &self.parameters);
        }
        check_twice(
            scope,
            "parameters",
            self.parameters.iter().map(DocumentParameter::name),
        );
        check_twice(scope, "steps", self.steps.iter().map(Step::name));
        self.check_steps(scope);
        let size = size(content);
        if size > LARGEST {
            let message = format!("a document has at most {LARGEST} bytes (64 KB), got {size}");
            let help = "put long scripts into a bucket or an image of the servers, and have the document start them";
            scope.error(&rules::BAD_DOCUMENT, message, help);
        }
    }

    fn check_steps(&self, scope: &Scope) {
        let (message, help) = match self.steps.split_last() {
            None => (
                "a document has at least one step, got none",
                "add one: `.step(Step::shell(\"Sync\", [..]))`",
            ),
            Some((_, before)) if before.iter().any(Step::is_final) => (
                "only the last step of a document can run whatever happens before it",
                "say `.always()` of the last step alone",
            ),
            Some(_) => return,
        };
        scope.error(&rules::BAD_DOCUMENT, message, help);
    }
}

/// Reports names that are there twice.
fn check_twice<'a>(scope: &Scope, what: &str, names: impl Iterator<Item = &'a Text>) {
    let mut seen: Vec<&Text> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            let message = format!("two {what} of the document are called \"{name}\"");
            scope.error(&rules::BAD_DOCUMENT, message, "give each a name of its own");
        }
        seen.push(name);
    }
}

/// How many bytes a document has as JSON, without spaces. What only the deployment knows counts nothing.
fn size(content: &Json) -> usize {
    match content {
        Json::Map(members) => {
            let each = members.iter();
            let each = each.map(|(key, value)| text_size(key) + 2 + size(value));
            2 + each.sum::<usize>()
        }
        Json::List(items) => 2 + items.iter().map(|item| size(item) + 1).sum::<usize>(),
        Json::Text(text) => text_size(text),
        other => other.literal().map_or(0, |value| value.to_string().len()),
    }
}

fn text_size(text: &str) -> usize {
    serde_json::Value::from(text).to_string().len()
}

impl Construct for Document {
    type Handle = DocumentRef;

    fn construct(mut self, scope: &Scope) -> DocumentRef {
        self.name = self
            .name
            .or_else(|| defaults::name(scope, 128).map(Json::Text));
        let content = self.content(scope);
        self.check(scope, &content);
        let mut l1 = cfn::ssm::Document::new(content)
            .document_format(DocumentFormat::Json)
            .document_type(DocumentType::Command)
            .target_type(TARGET)
            .update_method(UpdateMethod::NewVersion);
        if let Some(name) = &self.name {
            l1 = l1.name(Value::<String>::from_json(name.clone()));
        }
        if let Some(version) = self.version {
            l1 = l1.version_name(version);
        }
        let cfn = scope.add("Resource", l1);
        cfn.removal_policy(self.removal);
        DocumentRef::owned(scope, cfn, self.name)
    }
}
