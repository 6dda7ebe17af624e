//! Function URLs: a function that is called over HTTPS, without an API in front of it.

use std::time::Duration;

use cloudwright_synth::{AnyArn, Builder as _, Construct, Json, Scope, Text, Value, Verb};

use super::FunctionRef;
use crate::iam::{Grantee, Identity, OwnName, Statement, Subject, grant, table};
use crate::units::check_seconds;
use crate::{cfn, rules};

/// How long a browser may remember what is allowed, in seconds.
const MAX_AGE: std::ops::RangeInclusive<i64> = 0..=86_400;

/// A URL of a function ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html)).
///
/// Only who signs with IAM and was granted it may call, unless it is [`public`](Self::public).
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::lambda::Url;
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// # let site = stack.add("Site", iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
/// let price = stack.add("Price", lambda::Function::new(lambda::Code::s3("releases", "price.zip")));
/// let url = price.url(Url::new());
/// url.grant_invoke(&site);
/// stack.output("PriceUrl", url.url());
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a URL does nothing until a function has it: `function.url(..)`"]
pub struct Url {
    public: bool,
    streamed: bool,
    origins: Vec<Text>,
    methods: Vec<Text>,
    headers: Vec<Text>,
    max_age: Option<Duration>,
}

impl Url {
    /// A URL for those who sign with IAM.
    pub const fn new() -> Self {
        Self {
            public: false,
            streamed: false,
            origins: Vec::new(),
            methods: Vec::new(),
            headers: Vec::new(),
            max_age: None,
        }
    }

    /// Lets everybody in the world call: the function has to look by itself who it is.
    pub const fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// Sends the answer while it is made, up to 20 MiB and more; as a whole, up to 6 MiB, unless said.
    pub const fn streamed(mut self) -> Self {
        self.streamed = true;
        self
    }

    /// Lets pages of these origins call from a browser, with these methods.
    pub fn cors<O: Into<Text>, M: Into<Text>>(
        mut self,
        origins: impl IntoIterator<Item = O>,
        methods: impl IntoIterator<Item = M>,
    ) -> Self {
        self.origins.extend(origins.into_iter().map(Into::into));
        self.methods.extend(methods.into_iter().map(Into::into));
        self
    }

    /// Headers that such pages may send.
    pub fn cors_headers<H: Into<Text>>(mut self, names: impl IntoIterator<Item = H>) -> Self {
        self.headers.extend(names.into_iter().map(Into::into));
        self
    }

    /// How long a browser may remember that, up to a day.
    pub const fn cors_max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    fn cors_json(&self, scope: &Scope) -> Option<Json> {
        if self.origins.is_empty() {
            if !self.headers.is_empty() || self.max_age.is_some() {
                let message = "headers or a time are said for pages of no origin";
                let help =
                    "say whose pages may call: `.cors([\"https://shop.example\"], [\"GET\"])`";
                scope.error(&rules::CONTRADICTION, message, help);
            }
            return None;
        }
        let list = |texts: &[Text]| Json::set_of(texts.iter().cloned().map(Json::Text).collect());
        let mut cors = Json::map([
            ("AllowOrigins", list(&self.origins)),
            ("AllowMethods", list(&self.methods)),
        ]);
        if !self.headers.is_empty() {
            cors.set("AllowHeaders", list(&self.headers));
        }
        if let Some(age) = self.max_age {
            let age = check_seconds(scope, "what a browser remembers", age, MAX_AGE);
            cors.set("MaxAge", Json::Int(age));
        }
        Some(cors)
    }
}

impl Default for Url {
    fn default() -> Self {
        Self::new()
    }
}

impl FunctionRef {
    /// Gives the function a URL; it has one at most.
    #[track_caller]
    pub fn url(&self, url: Url) -> UrlRef {
        let function = self.clone();
        self.scope().add("Url", UrlOf { url, function })
    }
}

struct UrlOf {
    url: Url,
    function: FunctionRef,
}

impl Construct for UrlOf {
    type Handle = UrlRef;

    fn construct(self, scope: &Scope) -> UrlRef {
        let Self { url, function } = self;
        let arn = function.arn().as_json().clone();
        let kind = if url.public { "NONE" } else { "AWS_IAM" };
        let mut l1 = cfn::lambda::Url::new(kind, Value::<String>::from_json(arn.clone()));
        if let Some(cors) = url.cors_json(scope) {
            l1 = l1.raw("Cors", cors);
        }
        if url.streamed {
            l1 = l1.invoke_mode("RESPONSE_STREAM");
        }
        if url.public {
            let everybody = |action: &'static str| {
                cfn::lambda::Permission::new(
                    action,
                    function.arn(),
                    Value::<AnyArn>::from_json(Json::Text("*".into())),
                )
            };
            let called = everybody("lambda:InvokeFunctionUrl").function_url_auth_type("NONE");
            scope.add("Everybody", called);
            let through = everybody("lambda:InvokeFunction").invoked_via_function_url(true);
            scope.add("Through", through);
        }
        UrlRef {
            scope: scope.clone(),
            cfn: scope.add("Resource", l1),
            function,
        }
    }
}

/// The handle of a [`Url`].
#[derive(Clone)]
pub struct UrlRef {
    scope: Scope,
    cfn: cfn::lambda::UrlRef,
    function: FunctionRef,
}

impl UrlRef {
    /// The URL's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::lambda::UrlRef {
        &self.cfn
    }

    /// Where the function is called: `https://..lambda-url..on.aws/`.
    #[must_use]
    pub fn url(&self) -> Value<String> {
        self.cfn.function_url()
    }

    /// Lets a grantee call the URL, and the function through it alone.
    #[track_caller]
    pub fn grant_invoke(&self, grantee: &dyn Grantee) -> &Self {
        let arn = self.function.arn().as_json().clone();
        let subject = Subject {
            scope: self.function.scope(),
            arn: arn.clone(),
            content: "",
            key: None,
            policy: None,
            own_name: OwnName::Arn,
            known_arn: None,
        };
        grant(&table::LAMBDA_INVOKE_URL, &subject, grantee);
        if let Identity::Role { role, actor } = grantee.identity() {
            // Since October 2025 a caller needs this, too.
            let through = Statement::allow(["lambda:InvokeFunction"]).on_all([arn]);
            role.add_statement(through.when("Bool", "lambda:InvokedViaFunctionUrl", true));
            actor.edge(Verb::Invokes, self.function.scope(), "url");
        }
        self
    }
}
