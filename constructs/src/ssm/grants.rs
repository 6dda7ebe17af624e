//! Who may run a document, and on which servers.

use cloudwright_synth::{IntoValue, Json, Text};

use super::DocumentRef;
use crate::iam::{Grantee, Identity, OwnName, Statement, Subject, grant, table};

/// Servers by a tag that they have.
#[derive(Clone)]
pub struct Servers {
    tag: Text,
    values: Vec<Text>,
}

impl Servers {
    /// Servers whose tag has this value.
    pub fn tagged(tag: impl Into<Text>, value: impl Into<Text>) -> Self {
        Self::tagged_one_of(tag, [value])
    }

    /// Servers whose tag has one of these values.
    pub fn tagged_one_of<T: Into<Text>>(
        tag: impl Into<Text>,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        Self {
            tag: tag.into(),
            values: values.into_iter().map(Into::into).collect(),
        }
    }

    /// The key of the tag.
    #[must_use]
    pub const fn tag(&self) -> &Text {
        &self.tag
    }

    /// The values, one of which the tag has.
    #[must_use]
    pub fn values(&self) -> &[Text] {
        &self.values
    }
}

impl DocumentRef {
    /// Lets a grantee run the document, on the servers of the stack's account and region that have all of
    /// these tags. Without any tag, on none.
    #[track_caller]
    pub fn grant_run(&self, grantee: &dyn Grantee, servers: &[Servers]) -> &Self {
        let subject = Subject {
            scope: self.scope(),
            arn: self.arn().as_json().clone(),
            content: "",
            key: None,
            policy: None,
            own_name: OwnName::Arn,
            known_arn: None,
        };
        grant(&table::SSM_RUN, &subject, grantee);
        // A command needs the right on the document and on each server that it is sent to.
        if let Identity::Role { role, .. } = grantee.identity()
            && role.takes_policies()
            && !servers.is_empty()
        {
            role.add_statement(self.on_servers(servers));
        }
        self
    }

    fn on_servers(&self, servers: &[Servers]) -> Statement {
        let instances = self.scope().arn("ec2", "instance/*");
        let statement = Statement::allow(["ssm:SendCommand"]).on(instances);
        servers.iter().fold(statement, |statement, servers| {
            let values = servers.values.iter().cloned().map(Json::Text).collect();
            let values: Json = Json::one_or_set_of(values);
            let key = format!("aws:ResourceTag/{}", servers.tag);
            statement.when("StringEquals", key, IntoValue::<Json>::into_json(values))
        })
    }
}
