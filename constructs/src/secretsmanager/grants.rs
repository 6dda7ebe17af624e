//! Who may read and fill a secret, and what gives it a new value.

use std::time::Duration;

use cloudwright_synth::ResourceRef;

use super::SecretRef;
use crate::cfn::secretsmanager::rotation_schedule::RotationRules;
use crate::iam::{GrantRule, Grantee, OwnName, Subject, grant, table};
use crate::lambda::{FunctionRef, Permission};
use crate::units::whole_days;
use crate::{cfn, rules};

/// The service that calls a function to give a secret a new value.
const SECRETS_MANAGER: &str = "secretsmanager.amazonaws.com";
/// The longest time between two values, in days.
const LONGEST: i64 = 1000;

impl SecretRef {
    /// Lets a grantee read the secret.
    #[track_caller]
    pub fn grant_read(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_by(&table::SECRETSMANAGER_READ, grantee)
    }

    /// Lets a grantee fill the secret with another value.
    #[track_caller]
    pub fn grant_write(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_by(&table::SECRETSMANAGER_WRITE, grantee)
    }

    /// Has a function give the secret a new value at once and then every 1 to 1,000 days
    /// ([AWS](https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html)). The function
    /// may then read and fill the secret; one that lets Secrets Manager make up the value also needs
    /// `secretsmanager:GetRandomPassword`.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// use cloudwright::lambda::Code;
    /// # let app = App::new();
    /// # let stack = app.stack("Shop", Environment::agnostic());
    /// let rotate = stack.add("Rotate", lambda::Function::new(Code::s3("releases", "rotate.zip")));
    /// let secret = stack.add("Payments", secretsmanager::Secret::new());
    /// secret.rotate_with(&rotate, days(30));
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    pub fn rotate_with(&self, function: &FunctionRef, every: Duration) -> &Self {
        let scope = self.scope();
        let days = whole_days(scope, "the time between two values", every);
        if !(1..=LONGEST).contains(&days) {
            let message =
                format!("a secret gets a new value every 1 to {LONGEST} days, got {days}");
            scope.error(&rules::OUT_OF_RANGE, message, "such as `days(30)`");
        }
        self.grant_read(function).grant_write(function);
        let permission = function.permit_once(
            format!("RotationOf{}", scope.path().replace('/', "-")),
            Permission::service(SECRETS_MANAGER, self.arn()),
        );
        let secret = self.arn().cast::<String>();
        let schedule = cfn::secretsmanager::RotationSchedule::new(secret)
            .rotation_lambda_arn(function.arn().cast::<String>())
            .rotation_rules(RotationRules::new().automatically_after_days(days));
        let schedule = scope.add("Rotation", schedule);
        // Secrets Manager calls the function while the schedule is made.
        schedule.handle().scope().depends_on(&permission);
        self
    }

    /// Gives the rights of a rule.
    #[track_caller]
    pub(crate) fn grant_by(&self, rule: &'static GrantRule, grantee: &dyn Grantee) -> &Self {
        if self.cfn().is_some()
            && self.key().is_none()
            && grantee.identity().is_abroad(self.scope())
        {
            let message = "another account cannot use the key that Secrets Manager encrypts with";
            let help = "encrypt the secret with a key of your own: `.encrypted_with(&key)`";
            self.scope().error(&rules::CONTRADICTION, message, help);
        }
        self.expect_whole();
        let subject = Subject {
            scope: self.scope(),
            arn: self.arn().as_json().clone(),
            content: "",
            key: self.key(),
            policy: Some(self.policy()),
            own_name: OwnName::Star,
            known_arn: None,
        };
        grant(rule, &subject, grantee);
        self
    }
}
