//! What can be said of a whole app, stage, stack or construct.

use cloudwright_synth::{Arn, IntoValue, Scope, Stack, Stage};

use super::{Defaults, NamingScheme, boundary};
use crate::{App, cfn};

/// Settings of everything in a place: an app, a stage, a stack or a construct.
pub trait Configure {
    /// The place in the tree; what is said holds here and below.
    fn configured_scope(&self) -> &Scope;

    /// What constructs get that are not told, as far as no nearer place says otherwise. Say it before anything is added.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// app.defaults(Defaults::new().log_retention(days(90)));
    /// let dev = app.stage("Dev");
    /// dev.defaults(Defaults::new().log_retention(days(7)).removal_policy(RemovalPolicy::Destroy));
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    fn defaults(&self, defaults: Defaults) {
        defaults.install(self.configured_scope());
    }

    /// Names every resource that takes a name and is not told one. Say it before anything is added.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// app.naming(NamingScheme::new().text("acme").stage().path().region());
    /// let stack = app.stage("Prod").stack("Shop", Environment::new("111111111111", "eu-central-1"));
    /// stack.add("Orders", sqs::Queue::new());       // acme-prod-shop-orders-euc1
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    fn naming(&self, scheme: NamingScheme) {
        Defaults::new()
            .naming(scheme)
            .install(self.configured_scope());
    }

    /// A managed policy that limits what all roles and users here can be given, those that constructs make for
    /// themselves included: a policy of this app, an ARN, or a name, which stands for the policy of that name in the
    /// account of each stack. A role that says its own, or is nearer to another boundary, keeps that.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// app.permissions_boundary("Developers");
    /// let tools = app.stack("Tools", Environment::new("111111111111", "eu-central-1"));
    /// tools.permissions_boundary("arn:aws:iam::aws:policy/PowerUserAccess");
    /// # tools.add("Jobs", sqs::Queue::new());
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    fn permissions_boundary(&self, policy: impl IntoValue<Arn<cfn::iam::ManagedPolicy>>) {
        boundary::record(self.configured_scope(), policy.into_json());
    }
}

impl Configure for Scope {
    fn configured_scope(&self) -> &Scope {
        self
    }
}

impl Configure for Stack {
    fn configured_scope(&self) -> &Scope {
        self
    }
}

impl Configure for Stage {
    fn configured_scope(&self) -> &Scope {
        self.scope()
    }
}

impl Configure for App {
    fn configured_scope(&self) -> &Scope {
        self.scope()
    }
}
