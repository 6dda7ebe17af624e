//! HTTP APIs with secure defaults.

use std::time::Duration;

use cloudwright_synth::{Builder as _, Construct, IntoValue, Json, Scope, Text, Verb};

use super::{Authorizer, HttpApiRef};
use crate::cors::Cors;
use crate::logs::{LogGroup, LogGroupRef};
use crate::{cfn, defaults, rules};

/// The longest name of an API.
const NAME_LIMIT: usize = 128;
/// How many requests a second are let through unless said, and how many at once.
const RATE: u32 = 100;
const BURST: u32 = 200;
/// What is told of each request.
const LOGGED: [&str; 10] = [
    "authorizer.error",
    "error.message",
    "httpMethod",
    "identity.sourceIp",
    "integrationErrorMessage",
    "protocol",
    "requestId",
    "requestTime",
    "routeKey",
    "status",
];

/// An HTTP API ([AWS](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html)).
///
/// Only who signs with IAM may call, unless a route or the API says otherwise; each request is logged, and at most 100 a
/// second are let through.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::apigatewayv2::{Authorizer, HttpApi, Route};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// # let operators = stack.add("Operators", sns::Topic::new());
/// let orders = stack.add("Orders", lambda::Function::new(lambda::Code::s3("releases", "orders.zip")));
/// let people = Authorizer::jwt("people", "https://login.shop.example", ["shop"]);
/// let api = stack.add("Api", HttpApi::new()
///     .authorized_by(&people)
///     .cors(["https://shop.example"], ["GET", "POST"])
///     .cors_headers(["content-type"])
///     .throttle(50, 100));
/// api.route("GET /orders/{id}", &orders)
///     .route("POST /orders", Route::to(&orders).scopes(["orders:write"]))
///     .route("GET /health", Route::to(&orders).public());
/// api.alarm_on_errors(&operators);
/// stack.output("Url", api.url());
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct HttpApi {
    name: Option<Text>,
    description: Option<Text>,
    authorizer: Option<Authorizer>,
    cors: Cors,
    rate: u32,
    burst: u32,
    log_group: Option<LogGroupRef>,
    closed: bool,
}

impl HttpApi {
    /// An API without routes yet.
    pub const fn new() -> Self {
        Self {
            name: None,
            description: None,
            authorizer: None,
            cors: Cors::none(),
            rate: RATE,
            burst: BURST,
            log_group: None,
            closed: false,
        }
    }

    /// The name that people see; made of the construct's path unless said.
    pub fn api_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says what the API is for.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Lets in who brings a token, at every route that says nothing else.
    pub fn authorized_by(mut self, authorizer: &Authorizer) -> Self {
        self.authorizer = Some(authorizer.clone());
        self
    }

    /// Lets pages of these origins call from a browser, with these methods.
    ///
    /// They may send the headers by which routes let somebody in; what else they send is said by
    /// [`cors_headers`](Self::cors_headers), `content-type` for JSON among it.
    pub fn cors<O: Into<Text>, M: Into<Text>>(
        mut self,
        origins: impl IntoIterator<Item = O>,
        methods: impl IntoIterator<Item = M>,
    ) -> Self {
        self.cors.allow(origins, methods);
        self
    }

    /// Other headers that such pages may send.
    pub fn cors_headers<H: Into<Text>>(mut self, names: impl IntoIterator<Item = H>) -> Self {
        self.cors.allow_headers(names);
        self
    }

    /// Lets such pages send cookies; their origins have to be named then.
    pub const fn cors_credentials(mut self) -> Self {
        self.cors.credentials = true;
        self
    }

    /// How long a browser may remember that, up to a day.
    pub const fn cors_max_age(mut self, age: Duration) -> Self {
        self.cors.max_age = Some(age);
        self
    }

    /// How many requests a second are let through, and how many at once; 100 and 200 unless said.
    pub const fn throttle(mut self, rate: u32, burst: u32) -> Self {
        self.rate = rate;
        self.burst = burst;
        self
    }

    /// Writes the access log to this group in place of one of its own.
    pub fn log_group(mut self, group: &LogGroupRef) -> Self {
        self.log_group = Some(group.clone());
        self
    }

    /// Answers at domain names of your own only.
    pub const fn without_default_endpoint(mut self) -> Self {
        self.closed = true;
        self
    }

    /// An API that exists already, by its id. Routes may be added to it.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        api_id: impl IntoValue<String>,
    ) -> HttpApiRef {
        HttpApiRef::imported(scope.place(id), api_id.into_value())
    }

    /// The one stage, which every change reaches at once.
    fn add_stage(&self, scope: &Scope, api: &HttpApiRef) {
        let own = || scope.add("AccessLogs", LogGroup::new());
        let group = self.log_group.clone().unwrap_or_else(own);
        scope.edge(Verb::LogsTo, group.scope(), "");
        let members = LOGGED.map(|name| format!("\"{name}\":\"$context.{name}\""));
        let format = format!("{{{}}}", members.join(","));
        let logs = Json::map([
            ("DestinationArn", group.arn().as_json().clone()),
            ("Format", Json::Text(format.into())),
        ]);
        if self.rate == 0 || self.burst == 0 {
            let message = format!(
                "at least one request is let through, got {} a second and {} at once",
                self.rate, self.burst
            );
            let help = "take the routes away to close the API";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        let limits = Json::map([
            ("DetailedMetricsEnabled", Json::Bool(true)),
            ("ThrottlingBurstLimit", Json::Int(i64::from(self.burst))),
            ("ThrottlingRateLimit", Json::Int(i64::from(self.rate))),
        ]);
        let stage = cfn::apigatewayv2::Stage::new(api.id(), "$default")
            .auto_deploy(true)
            .raw("AccessLogSettings", logs)
            .raw("DefaultRouteSettings", limits);
        scope.add("Stage", stage);
    }
}

impl Default for HttpApi {
    fn default() -> Self {
        Self::new()
    }
}

impl Construct for HttpApi {
    type Handle = HttpApiRef;

    fn construct(mut self, scope: &Scope) -> HttpApiRef {
        self.name = self.name.or_else(|| defaults::name(scope, NAME_LIMIT));
        let made = || Text::Owned(scope.physical_name(64));
        let name = self.name.clone().unwrap_or_else(made);
        let mut l1 = cfn::apigatewayv2::Api::new()
            .name(name)
            .protocol_type("HTTP");
        if let Some(text) = &self.description {
            l1 = l1.description(text.clone());
        }
        let cors = self.cors.json(scope);
        let is_for_pages = cors.is_some();
        if let Some(cors) = cors {
            l1 = l1.raw("CorsConfiguration", cors);
        }
        if self.closed {
            l1 = l1.disable_execute_api_endpoint(true);
        }
        let cors = is_for_pages.then(|| self.cors.clone());
        let cfn = scope.add("Resource", l1);
        let api = HttpApiRef::owned(scope, cfn, self.authorizer.clone(), cors);
        self.add_stage(scope, &api);
        api
    }
}
