//! Function URLs: a function that is called over HTTPS, without an API in front of it.

use std::time::Duration;

use cloudwright_synth::{AnyArn, Builder as _, Construct, Json, Scope, Text, Value, Verb};

use super::FunctionRef;
use crate::cfn;
use crate::cors::{Cors, SIGNED};
use crate::iam::{Grantee, Identity, OwnName, Statement, Subject, grant, table};

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
    cors: Cors,
}

impl Url {
    /// A URL for those who sign with IAM.
    pub const fn new() -> Self {
        Self {
            public: false,
            streamed: false,
            cors: Cors::none(),
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

    /// Lets pages of these origins call from a browser, with these methods. They may send the headers of a signature,
    /// where one is wanted.
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

    /// How long a browser may remember that, up to a day.
    pub const fn cors_max_age(mut self, age: Duration) -> Self {
        self.cors.max_age = Some(age);
        self
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
        let Self { mut url, function } = self;
        let arn = function.arn().as_json().clone();
        let kind = if url.public { "NONE" } else { "AWS_IAM" };
        let mut l1 = cfn::lambda::Url::new(kind, Value::<String>::from_json(arn.clone()));
        if !url.public && !url.cors.origins.is_empty() {
            url.cors.need_headers(SIGNED);
        }
        if let Some(cors) = url.cors.json(scope) {
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
