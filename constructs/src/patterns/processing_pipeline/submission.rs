//! Handing results in to an archive.

use std::time::Duration;

use cloudwright_contract as contract;
use cloudwright_contract::{Auth, Handler, WhenUnknown};
use cloudwright_synth::{IntoValue, Json, Scope, Text, Value, Verb};

use crate::dynamodb::{Attribute, Table, TableRef};
use crate::iam::Statement;
use crate::lambda::{Code, Function, FunctionRef};
use crate::secretsmanager::SecretRef;
use crate::units::whole_seconds;
use crate::{MiB, minutes};

/// The longest that a call may take: it ends before the timeout, and writes down what it knows.
const TIMEOUT: Duration = minutes(15);

/// Where and how the bundled handler `submit` hands objects in.
///
/// An object is posted as a file of a form; the archive's answer decides. What became of every version of every object
/// is in a table, so none is handed in twice.
#[derive(Clone)]
#[must_use = "a submission does nothing until a stage does it: `Stage::submit(..)`"]
pub struct Submission {
    url: Json,
    provider: Json,
    secret: SecretRef,
    field: Option<Text>,
    when_unknown: WhenUnknown,
    attempts: u32,
    patience: Duration,
    largest: MiB,
    local: bool,
}

impl Submission {
    /// Posts to this `https://` address, as this provider, with what the secret holds. The secret is read for
    /// every object, so a new value needs no deployment.
    pub fn to(
        url: impl IntoValue<String>,
        provider: impl IntoValue<String>,
        secret: &SecretRef,
    ) -> Self {
        Self {
            url: url.into_json(),
            provider: provider.into_json(),
            secret: secret.clone(),
            field: None,
            when_unknown: WhenUnknown::Hold,
            attempts: 4,
            patience: minutes(1),
            largest: MiB(64),
            local: false,
        }
    }

    /// Which member of the JSON object that the secret holds proves to be the provider; the whole text unless
    /// said. `secret put` then refuses a value without it, and `secret show-keys` tells that it is needed.
    pub fn secret_field(mut self, name: impl Into<Text>) -> Self {
        self.field = Some(name.into());
        self
    }

    /// Posts an object again whose answer was lost: the archive may get it twice. Unless said, such an object
    /// waits for a person.
    pub const fn retry_unknown(mut self) -> Self {
        self.when_unknown = WhenUnknown::Retry;
        self
    }

    /// How often an object is posted in one call: 1 to 10, and 4 unless said.
    pub const fn attempts(mut self, count: u32) -> Self {
        self.attempts = count;
        self
    }

    /// How long an answer may take: 1 second to 15 minutes, and 1 minute unless said.
    pub const fn answer_within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The largest object that is handed in: 1 to 4,096 MiB, and 64 unless said. The function has memory for it twice.
    pub const fn largest(mut self, size: MiB) -> Self {
        self.largest = size;
        self
    }

    /// Does everything but the posting, to try a pipeline out: the table then says `local` of an object, and the
    /// next event of it is posted when this is no longer said.
    pub const fn local(mut self) -> Self {
        self.local = true;
        self
    }

    pub(super) const fn url(&self) -> &Json {
        &self.url
    }

    pub(super) const fn provider(&self) -> &Json {
        &self.provider
    }

    pub(super) const fn patience(&self) -> Duration {
        self.patience
    }

    pub(super) const fn tries(&self) -> u32 {
        self.attempts
    }

    /// The size of the largest object, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        u64::from(self.largest.0) << 20
    }

    /// The table of what became of each object, and the function's code and settings.
    pub(super) fn prepare(&self, scope: &Scope, stage: &str) -> (TableRef, Function) {
        let table = Table::new(Attribute::string("object")).sort_by(Attribute::string("version"));
        let table = scope.add(format!("{stage}Deliveries"), table);
        let auth = Auth {
            secret: self.secret.arn().as_json().clone(),
            field: self.field.clone().map(Text::into_owned),
        };
        let name = table.name().as_json().clone();
        let mut plan = contract::Submit::new(self.url.clone(), self.provider.clone(), auth, name);
        plan.when_unknown = self.when_unknown;
        plan.attempts = self.attempts;
        let seconds = whole_seconds(scope, "the time for an answer", self.patience);
        plan.seconds = u64::try_from(seconds).unwrap_or_default();
        plan.largest = self.bytes();
        plan.local = self.local;
        // An object twice, and what the program itself needs.
        let memory = self.largest.0.saturating_mul(2).saturating_add(128);
        let mut function = Function::new(Code::bundled(Handler::Submit))
            .timeout(TIMEOUT)
            .memory(MiB(memory));
        for (name, value) in plan.variables(|text| Json::Text(text.into())) {
            function = function.env(name, Value::<String>::from_json(value));
        }
        (table, function)
    }

    /// Lets the function read its secret and keep its table.
    pub(super) fn let_work(&self, table: &TableRef, function: &FunctionRef) {
        let edge = |verb: Verb, to: &Scope| function.scope().edge(verb, to, "submit");
        edge(Verb::MayRead, self.secret.scope());
        edge(Verb::MayRead, table.scope());
        edge(Verb::MayWrite, table.scope());
        let read = Statement::allow(["secretsmanager:GetSecretValue"]);
        function.add_statement(read.on_all([self.secret.arn().as_json().clone()]));
        if let Some(field) = &self.field {
            self.secret.expect_key(function.scope(), field.clone());
        }
        if let Some(key) = self.secret.key() {
            key.grant_decrypt(function);
        }
        let keep = Statement::allow(["dynamodb:GetItem", "dynamodb:PutItem"]);
        function.add_statement(keep.on_all([table.arn().as_json().clone()]));
        if let Some(key) = table.key() {
            key.grant_encrypt_decrypt(function);
        }
    }
}
