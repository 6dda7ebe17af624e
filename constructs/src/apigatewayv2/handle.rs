//! What a program holds of an API.

use std::cell::RefCell;
use std::rc::Rc;

use cloudwright_synth::{Json, ResourceRef as _, Scope, Text, Value};

use super::route::RouteOf;
use super::{Authorizer, Route};
use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison, Metric, Statistic};
use crate::cors::Cors;
use crate::iam::{Grantee, OwnName, Subject, grant, table};
use crate::{cfn, rules};

/// The namespace of the metrics.
const NAMESPACE: &str = "AWS/ApiGateway";

/// The handle of an [`HttpApi`](super::HttpApi), or of one that exists already.
#[derive(Clone)]
pub struct HttpApiRef {
    scope: Scope,
    cfn: Option<cfn::apigatewayv2::ApiRef>,
    id: Value<String>,
    authorizer: Option<Authorizer>,
    /// What was said of pages, when some may call.
    cors: Option<Cors>,
    /// All authorizers of the routes so far.
    authorizers: Rc<RefCell<Vec<Authorizer>>>,
}

impl HttpApiRef {
    pub(super) fn owned(
        scope: &Scope,
        cfn: cfn::apigatewayv2::ApiRef,
        authorizer: Option<Authorizer>,
        cors: Option<Cors>,
    ) -> Self {
        Self {
            scope: scope.clone(),
            id: Value::from_json(cfn.handle().reference()),
            cfn: Some(cfn),
            authorizer,
            cors,
            authorizers: Rc::default(),
        }
    }

    pub(super) fn imported(scope: Scope, id: Value<String>) -> Self {
        Self {
            scope,
            cfn: None,
            id,
            authorizer: None,
            cors: None,
            authorizers: Rc::default(),
        }
    }

    /// The API's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported API.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::apigatewayv2::ApiRef> {
        self.cfn.as_ref()
    }

    /// The API's id.
    #[must_use]
    pub fn id(&self) -> Value<String> {
        self.id.clone()
    }

    /// Where it is called: `https://ID.execute-api.REGION.amazonaws.com`.
    #[must_use]
    pub fn url(&self) -> Value<String> {
        let text = |text: &'static str| Json::Text(text.into());
        Value::from_json(Json::concat(vec![
            text("https://"),
            self.id.as_json().clone(),
            text(".execute-api."),
            self.scope.region().as_json().clone(),
            text("."),
            self.scope
                .pseudo(cloudwright_synth::Pseudo::UrlSuffix)
                .as_json()
                .clone(),
        ]))
    }

    /// The ARN of requests, such as `*/GET/orders`.
    pub(super) fn arn_of(&self, requests: &str) -> Value<String> {
        let resource = Json::concat(vec![
            self.id.as_json().clone(),
            Json::Text(format!("/{requests}").into()),
        ]);
        self.scope
            .arn("execute-api", Value::<String>::from_json(resource))
    }

    pub(super) const fn cors(&self) -> Option<&Cors> {
        self.cors.as_ref()
    }

    /// The authorizer that was the first of this name.
    pub(super) fn first_called(&self, authorizer: &Authorizer) -> Option<Authorizer> {
        let mut all = self.authorizers.borrow_mut();
        let first = all.iter().find(|one| one.name == authorizer.name).cloned();
        if first.is_none() {
            all.push(authorizer.clone());
        }
        first
    }

    pub(super) fn authorizer(&self) -> Option<Authorizer> {
        self.authorizer.clone()
    }

    /// Hands requests such as `GET /orders/{id}` to a function, or to a [`Route`] of which more is said; `$default` stands
    /// for all that no other route gets.
    #[track_caller]
    pub fn route(&self, key: impl Into<Text>, route: impl Into<Route>) -> &Self {
        let key = key.into();
        let id = format!("Route-{}", key.replace('/', "--").replace(' ', ""));
        if self.scope.find(&id).is_some() {
            let message = format!("the route \"{key}\" is there already");
            let help = "let one function get it, and tell the others from there";
            self.scope.error(&rules::BAD_ROUTE, message, help);
            return self;
        }
        let (route, api) = (route.into(), self.clone());
        self.scope.add(id, RouteOf { key, route, api });
        self
    }

    /// Lets a grantee call all routes that want a signature.
    #[track_caller]
    pub fn grant_invoke(&self, grantee: &dyn Grantee) -> &Self {
        let subject = Subject {
            scope: &self.scope,
            arn: self.scope.arn("execute-api", &self.id).as_json().clone(),
            content: "/*/*",
            key: None,
            policy: None,
            own_name: OwnName::Arn,
            known_arn: None,
        };
        grant(&table::APIGATEWAYV2_INVOKE, &subject, grantee);
        self
    }

    /// A metric of the API by its name, such as `DataProcessed`
    /// ([all of them](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html)).
    pub fn metric(&self, name: &'static str) -> Metric {
        Metric::new(NAMESPACE, name)
            .dimension("ApiId", self.id())
            .of(&self.scope)
    }

    /// How many requests came.
    pub fn metric_requests(&self) -> Metric {
        self.metric("Count").statistic(Statistic::Sum)
    }

    /// How many requests were refused, or asked for what is not there.
    pub fn metric_client_errors(&self) -> Metric {
        self.metric("4xx").statistic(Statistic::Sum)
    }

    /// How many requests failed.
    pub fn metric_server_errors(&self) -> Metric {
        self.metric("5xx").statistic(Statistic::Sum)
    }

    /// How long nearly all requests took at most, in milliseconds.
    pub fn metric_latency(&self) -> Metric {
        self.metric("Latency")
            .statistic(Statistic::Percentile(99.0))
    }

    /// Raises an alarm as soon as a request failed.
    #[track_caller]
    pub fn alarm_on_errors(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let alarm = Alarm::new(self.metric_server_errors(), Comparison::Above(0.0))
            .description("requests failed; the access log says which, the function's log why")
            .on_alarm(target);
        self.scope.add("ErrorsAlarm", alarm)
    }
}
