//! What a program holds of servers that follow a bucket.

use cloudwright_synth::{Scope, Verb};

use super::status::Rules;
use crate::acknowledge::{Finding, residuals};
use crate::autoscaling::GroupRef;
use crate::iam::{Grantee, Identity, Statement};
use crate::lambda::FunctionRef;
use crate::logs::LogGroupRef;
use crate::s3::BucketRef;
use crate::sqs::QueueRef;
use crate::ssm::DocumentRef;

/// The handle of a [`SsmSyncFleet`](super::SsmSyncFleet).
#[derive(Clone)]
pub struct SsmSyncFleetRef {
    pub(super) scope: Scope,
    pub(super) bucket: BucketRef,
    pub(super) events: QueueRef,
    pub(super) function: FunctionRef,
    pub(super) document: DocumentRef,
    pub(super) logs: LogGroupRef,
    pub(super) output: Option<BucketRef>,
    pub(super) group: Option<GroupRef>,
    pub(super) rules: Rules,
    pub(super) lost_notices: Option<QueueRef>,
}

impl SsmSyncFleetRef {
    /// The construct's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The bucket that is followed.
    #[must_use]
    pub const fn bucket(&self) -> &BucketRef {
        &self.bucket
    }

    /// The queue of what happens to the bucket; its dead-letter queue has what was given up.
    #[must_use]
    pub const fn queue(&self) -> &QueueRef {
        &self.events
    }

    /// The function that sends the commands.
    #[must_use]
    pub const fn function(&self) -> &FunctionRef {
        &self.function
    }

    /// The document that runs on the servers.
    #[must_use]
    pub const fn document(&self) -> &DocumentRef {
        &self.document
    }

    /// Where the output of the commands is.
    #[must_use]
    pub const fn log_group(&self) -> &LogGroupRef {
        &self.logs
    }

    /// The group of servers, if it was made.
    #[must_use]
    pub const fn group(&self) -> Option<&GroupRef> {
        self.group.as_ref()
    }

    /// Notices of runs that the topic did not take, if there is one
    /// ([`status_events_to`](super::SsmSyncFleet::status_events_to)).
    #[must_use]
    pub const fn lost_notices(&self) -> Option<&QueueRef> {
        self.lost_notices.as_ref()
    }

    /// Lets servers that exist already do what a run needs: read the bucket, and write its output. Their role
    /// also has to have the policy `AmazonSSMManagedInstanceCore` of AWS.
    #[track_caller]
    pub fn grant_servers(&self, grantee: &dyn Grantee) -> &Self {
        let Identity::Role { role, actor } = grantee.identity() else {
            // Says what is missing.
            self.bucket.grant_read(grantee);
            return self;
        };
        // Objects are named by `*`.
        residuals(role.scope(), &[Finding::WildcardResource]);
        actor.edge(Verb::MayRead, self.bucket.scope(), "ssm-sync");
        role.add_statement(Statement::allow(["s3:GetObject"]).on(self.bucket.objects("")));
        role.add_statement(Statement::allow(["s3:ListBucket"]).on(self.bucket.arn()));
        if let Some(key) = self.bucket.key() {
            key.grant_decrypt(grantee);
        }
        self.logs.grant_write(grantee);
        // The agent looks for the group and its streams before it writes.
        let look = Statement::allow(["logs:DescribeLogStreams"]).on(self.logs.arn());
        role.add_statement(look);
        let groups = self.scope.arn("logs", "log-group:*");
        role.add_statement(Statement::allow(["logs:DescribeLogGroups"]).on(groups));
        if let Some(output) = &self.output {
            let put = Statement::allow(["s3:PutObject"]).on(output.objects(""));
            role.add_statement(put);
            if let Some(key) = output.key() {
                key.grant_data_keys(grantee);
            }
        }
        self
    }
}
