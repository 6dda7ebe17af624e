//! Subscriptions: somebody who gets events of a log group as they come.

use cloudwright_synth::{
    AnyArn, Builder as _, Construct, IntoValue, Json, ResourceRef as _, Scope, Text, Value, Verb,
};

use super::LogGroupRef;
use crate::iam::RoleRef;
use crate::lambda::{FunctionRef, Permission};
use crate::{cfn, rules};

/// The service that hands events over.
const LOGS: &str = "logs.amazonaws.com";
/// The longest pattern.
const PATTERN: usize = 1024;

/// Who gets events of a log group.
#[derive(Clone)]
enum To {
    Function(FunctionRef),
    Stream(Json, RoleRef),
}

struct Filter {
    pattern: Json,
    to: To,
    group: LogGroupRef,
}

impl LogGroupRef {
    /// Calls a function with the events that match a
    /// [pattern](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html), packed by the
    /// service; an empty pattern matches all. A log group has two subscriptions at most.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// # let stack = app.stack("Jobs", Environment::agnostic());
    /// let audit = stack.add("Audit", logs::LogGroup::new());
    /// let alert = stack.add("Alert", lambda::Function::new(lambda::Code::s3("releases", "alert.zip")));
    /// audit.subscribe("Refusals", "{ $.outcome = \"refused\" }", &alert);
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    pub fn subscribe(
        &self,
        id: impl Into<Text>,
        pattern: impl IntoValue<String>,
        function: &FunctionRef,
    ) {
        self.add_filter(id, pattern.into_json(), To::Function(function.clone()));
    }

    /// Sends the events that match a pattern to a stream of Kinesis or of Data Firehose, by ARN, as a role that
    /// `logs.amazonaws.com` assumes and that may write there.
    #[track_caller]
    pub fn subscribe_stream(
        &self,
        id: impl Into<Text>,
        pattern: impl IntoValue<String>,
        stream: impl IntoValue<String>,
        role: &RoleRef,
    ) {
        let to = To::Stream(stream.into_json(), role.clone());
        self.add_filter(id, pattern.into_json(), to);
    }

    #[track_caller]
    fn add_filter(&self, id: impl Into<Text>, pattern: Json, to: To) {
        let group = self.clone();
        self.scope().add(id, Filter { pattern, to, group });
    }
}

impl Construct for Filter {
    type Handle = ();

    fn construct(self, scope: &Scope) {
        let length = self
            .pattern
            .as_text()
            .map_or(0, |text| text.chars().count());
        if length > PATTERN {
            let message = format!("a pattern has at most {PATTERN} characters, got {length}");
            let help = "match less here, and look closer in the function";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        if let To::Function(function) = &self.to
            && let (Some(written), Some(cfn)) = (self.group.cfn(), function.cfn())
        {
            let own = cfn.handle().property("LoggingConfig");
            let own = own.and_then(|logging| logging.get("LogGroup").cloned());
            if own == Some(written.handle().reference()) {
                let message = format!(
                    "`{}` writes to the log group whose events it gets: each call would make the next one",
                    function.scope().path()
                );
                let help = "subscribe another function";
                scope.error(&rules::RECURSION, message, help);
            }
        }
        let arn = match &self.to {
            To::Function(function) => function.arn().as_json().clone(),
            To::Stream(arn, _) => arn.clone(),
        };
        let arn = Value::<String>::from_json(arn);
        let pattern = Value::<String>::from_json(self.pattern);
        let mut l1 = cfn::logs::SubscriptionFilter::new(arn, pattern, &self.group);
        if let To::Stream(_, role) = &self.to {
            l1 = l1.raw("RoleArn", role.arn().as_json().clone());
        }
        let mut permission = None;
        if let To::Function(function) = &self.to {
            let source = self.group.streams_arn().cast::<AnyArn>();
            permission = function.permit_beside(scope, Permission::service(LOGS, source));
            scope.edge(Verb::Invokes, function.scope(), "log events");
        }
        let filter = scope.add("Resource", l1);
        // The service tries the function when it takes the filter.
        if let Some(permission) = permission {
            filter.handle().scope().depends_on(&permission);
        }
    }
}
