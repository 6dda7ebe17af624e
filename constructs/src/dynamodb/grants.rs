//! Who may do what with a table's items.

use cloudwright_synth::Json;

use super::TableRef;
use crate::iam::{GrantRule, Grantee, OwnName, Subject, grant, table};
use crate::rules;

impl TableRef {
    /// Lets a grantee read items, by the table and by its indexes.
    #[track_caller]
    pub fn grant_read(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::DYNAMODB_READ, grantee)
    }

    /// Lets a grantee put, update and delete items, also under conditions.
    #[track_caller]
    pub fn grant_write(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::DYNAMODB_WRITE, grantee)
    }

    /// Lets a grantee read and write items.
    #[track_caller]
    pub fn grant_read_write(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_read(grantee).grant_write(grantee)
    }

    /// Lets a grantee read the stream of changes.
    #[track_caller]
    pub fn grant_stream_read(&self, grantee: &dyn Grantee) -> &Self {
        let Some(stream) = self.stream_arn() else {
            let (message, help) = match self.cfn() {
                Some(_) => (
                    "this table has no stream of its changes",
                    "give the table one: `.stream(StreamView::NewAndOldImages)`",
                ),
                None => (
                    "this table exists already, and the ARN of its stream was not said",
                    "say it where you import the table: `.with_stream(\"arn:..:table/name/stream/..\")`",
                ),
            };
            self.scope().error(&rules::CONTRADICTION, message, help);
            return self;
        };
        let subject = Subject {
            arn: stream.as_json().clone(),
            known_arn: None,
            policy: None,
            ..self.subject("")
        };
        grant(&table::DYNAMODB_STREAM_READ, &subject, grantee);
        self
    }

    #[track_caller]
    fn grant(&self, rule: &'static GrantRule, grantee: &dyn Grantee) -> &Self {
        // Without indexes, what is granted on them is granted on the table anyway.
        let content = if self.is_indexed() { "/index/*" } else { "" };
        grant(rule, &self.subject(content), grantee);
        self
    }

    fn subject(&self, content: &'static str) -> Subject<'_> {
        let arn: Json = self.arn().as_json().clone();
        Subject {
            scope: self.scope(),
            arn,
            content,
            key: self.key(),
            policy: Some(self.policy()),
            own_name: OwnName::Star,
            known_arn: self.known_arn(),
        }
    }
}
