//! Exceptions to security rules: named, with a reason, in the words of every checker of the field.
//!
//! A default that is right for most systems still breaks some rule of some pack. The exception is
//! said once, where the construct is; at synthesis it is written into the `Metadata` of exactly the
//! resources that it concerns, in all dialects:
//!
//! | checker | place |
//! |---|---|
//! | Guard | `guard.SuppressedRules` |
//! | checkov | `checkov.skip` |
//! | cfn-lint | `cfn-lint.config.ignore_checks` |
//! | cdk-nag 2 | `cdk_nag.rules_to_suppress` |
//! | this library | `cloudwright.acknowledged`; its own warning is not shown |
//!
//! cdk-nag reads its metadata up to version 2. Version 3 takes exceptions from the program that runs it alone,
//! `Validations.of(construct).acknowledge({ id, reason })`, one for each finding: that program reads them in the template and
//! hands them over, as `tests/support/judge_nag.cjs` of the repository does.
//!
//! An exception that concerns nothing is a mistake, and so it cannot outlive what it was said for.

mod table;
mod write;

use cloudwright_synth::{ResourceRef, Scope, SourceLocation, Text};

pub use table::Finding;
use write::Exception;

use crate::rules;

/// What an exception can be said of: a resource or a construct. For a whole stack there is
/// [`throughout`].
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Uploads", Environment::agnostic());
/// let uploads = stack.add("Uploads", s3::Bucket::new());
/// uploads.acknowledge(Finding::NoReplication, "can be uploaded again from the scanner");
/// # app.synth().unwrap();
/// ```
pub trait Acknowledge {
    /// The place in the tree; the exception holds here and below.
    fn exception_scope(&self) -> &Scope;

    /// Accepts a finding for the resources that it concerns, here and below, and says why that is
    /// safe. Reviewers and auditors read the reason in the template.
    #[track_caller]
    fn acknowledge(&self, finding: Finding, reason: impl Into<Text>) -> &Self {
        throughout(self.exception_scope(), finding, reason);
        self
    }
}

/// Accepts a finding for every resource of a stack, or of any other scope, that it concerns.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Uploads", Environment::agnostic());
/// # stack.add("Uploads", s3::Bucket::new());
/// cloudwright::acknowledge::throughout(&stack, Finding::NoReplication, "a test account");
/// # app.synth().unwrap();
/// ```
#[track_caller]
pub fn throughout(scope: &Scope, finding: Finding, reason: impl Into<Text>) {
    let reason = reason.into();
    scope.reasoned(&format!("{finding:?}"), &reason);
    scope.record(Exception {
        finding,
        reason,
        expected: true,
    });
}

impl<R: ResourceRef> Acknowledge for R {
    fn exception_scope(&self) -> &Scope {
        self.handle().scope()
    }
}

macro_rules! acknowledge {
    ($($handle:ty),* $(,)?) => {$(
        impl Acknowledge for $handle {
            fn exception_scope(&self) -> &Scope {
                self.scope()
            }
        }
    )*};
}
acknowledge!(
    crate::iam::RoleRef,
    crate::kms::KeyRef,
    crate::lambda::EventSourceRef,
    crate::lambda::FunctionRef,
    crate::logs::LogGroupRef,
    crate::s3::BucketRef,
    crate::cloudwatch::AlarmRef,
);
#[cfg(feature = "dynamodb")]
acknowledge!(crate::dynamodb::TableRef);
#[cfg(feature = "scheduler")]
acknowledge!(
    crate::scheduler::ScheduleRef,
    crate::scheduler::ScheduleGroupRef
);
#[cfg(feature = "stepfunctions")]
acknowledge!(crate::stepfunctions::StateMachineRef);
macro_rules! acknowledge_either {
    ($($handle:ident in $module:ident),*) => {$(
        impl<K: crate::delivery::Delivery> Acknowledge for crate::$module::$handle<K> {
            fn exception_scope(&self) -> &Scope {
                self.scope()
            }
        }
    )*};
}
acknowledge_either!(QueueRefOf in sqs, TopicRefOf in sns);

/// Accepts, in a strict stack, what a construct of this library leaves open for the reason that the
/// table gives. What the user set up otherwise is left alone.
pub(crate) fn residuals(scope: &Scope, findings: &[Finding]) {
    if scope.is_strict() {
        for finding in findings {
            scope.record(Exception {
                finding: *finding,
                reason: finding.row().residual.into(),
                expected: false,
            });
        }
    }
}

#[cfg(any(feature = "replicated-bucket", feature = "ssm-sync-fleet"))]
/// Accepts what a construct of this library does by design, with the reason why it is safe.
pub(crate) fn by_design(scope: &Scope, finding: Finding, reason: &'static str) {
    scope.record(Exception {
        finding,
        reason: reason.into(),
        expected: false,
    });
}

/// Where a finding that concerns nothing was acknowledged.
fn report_idle(scope: &Scope, at: SourceLocation, finding: Finding) {
    let row = finding.row();
    let kinds = row.kinds.join(" or ");
    let message = match row.absent {
        "" => {
            format!("the exception for {finding:?} concerns no resource here, expected an {kinds}")
        }
        property => format!(
            "the exception for {finding:?} concerns no resource here, expected an {kinds} without {property}"
        ),
    };
    let help = "take the exception away, or say it where the resource is";
    scope.error_at(at, &rules::IDLE_EXCEPTION, message, help);
}
