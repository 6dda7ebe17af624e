//! Routes: which requests a function gets, and who may make them.

use std::time::Duration;

use cloudwright_synth::{
    AnyArn, Builder as _, Construct, Json, ResourceRef as _, Scope, Text, Verb,
};

use super::authorizer::GATEWAY;
use super::page::Entrance;
use super::{Authorizer, HttpApiRef};
use crate::cors::SIGNED;
use crate::lambda::{FunctionRef, Permission};
use crate::{cfn, rules};

/// The methods of requests.
const METHODS: [&str; 8] = [
    "ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT",
];
/// All requests that no other route gets.
pub(super) const DEFAULT: &str = "$default";
/// How long API Gateway waits for an answer, in milliseconds.
const WAIT: std::ops::RangeInclusive<u128> = 50..=30_000;

/// What a route does with a request: a function alone, `api.route("GET /", &function)`, is one for who signs with IAM.
#[derive(Clone)]
#[must_use = "a route does nothing until an API has it: `api.route(..)`"]
pub struct Route {
    function: FunctionRef,
    who: Who,
    scopes: Vec<Text>,
    wait: Option<Duration>,
}

/// Who may call.
#[derive(Clone)]
enum Who {
    /// As the API says.
    Usual,
    Signed,
    Everybody,
    Bearer(Box<Authorizer>),
}

impl Who {
    /// The headers that a route looks at to let somebody in.
    fn headers(&self) -> Vec<Text> {
        match self {
            Self::Everybody => Vec::new(),
            Self::Bearer(authorizer) => authorizer.header().into_iter().collect(),
            Self::Usual | Self::Signed => SIGNED.map(Text::Borrowed).to_vec(),
        }
    }
}

impl Route {
    /// Calls a function.
    pub fn to(function: &FunctionRef) -> Self {
        Self {
            function: function.clone(),
            who: Who::Usual,
            scopes: Vec::new(),
            wait: None,
        }
    }

    /// Lets everybody in the world call.
    pub fn public(mut self) -> Self {
        self.who = Who::Everybody;
        self
    }

    /// Lets in who signs with IAM and was granted it, whatever the API says.
    pub fn signed(mut self) -> Self {
        self.who = Who::Signed;
        self
    }

    /// Lets in who brings a token, whatever the API says.
    pub fn authorized_by(mut self, authorizer: &Authorizer) -> Self {
        self.who = Who::Bearer(Box::new(authorizer.clone()));
        self
    }

    /// Only tokens with one of these scopes.
    pub fn scopes<S: Into<Text>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.scopes.extend(names.into_iter().map(Into::into));
        self
    }

    /// How long the function may take for its answer: up to 30 seconds, and that unless said.
    pub const fn timeout(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }
}

impl From<&FunctionRef> for Route {
    fn from(function: &FunctionRef) -> Self {
        Self::to(function)
    }
}

/// A route on its way into the tree.
pub(super) struct RouteOf {
    pub(super) key: Text,
    pub(super) route: Route,
    pub(super) api: HttpApiRef,
}

impl Construct for RouteOf {
    type Handle = cfn::apigatewayv2::RouteRef;

    fn construct(self, scope: &Scope) -> Self::Handle {
        let Self { key, route, api } = self;
        check(scope, &key);
        let mut integration = cfn::apigatewayv2::Integration::new(api.id(), "AWS_PROXY")
            .raw("IntegrationUri", route.function.arn().as_json().clone())
            .raw("PayloadFormatVersion", Json::Text("2.0".into()));
        if let Some(wait) = route.wait {
            let wait = checked_wait(scope, wait);
            integration = integration.raw("TimeoutInMillis", wait);
        }
        let integration = scope.add("Integration", integration);
        let target = Json::concat(vec![
            Json::Text("integrations/".into()),
            integration.handle().reference(),
        ]);
        let mut l1 = cfn::apigatewayv2::Route::new(api.id(), key.clone()).raw("Target", target);
        let usual = || {
            api.authorizer()
                .map_or(Who::Signed, |usual| Who::Bearer(Box::new(usual)))
        };
        let who = match route.who {
            Who::Usual => usual(),
            said => said,
        };
        let kind = match &who {
            Who::Everybody => "NONE",
            Who::Bearer(authorizer) => authorizer.kind(),
            Who::Usual | Who::Signed => "AWS_IAM",
        };
        scope.record(Entrance {
            api: api.clone(),
            key: key.clone(),
            headers: who.headers(),
            is_open: matches!(who, Who::Everybody),
        });
        l1 = l1.raw("AuthorizationType", Json::Text(kind.into()));
        if let Who::Bearer(authorizer) = &who {
            l1 = l1.raw(
                "AuthorizerId",
                authorizer.bind(scope, &api).as_json().clone(),
            );
        }
        if !route.scopes.is_empty() {
            if kind != "JWT" {
                let message =
                    "scopes are those of tokens that an issuer signs, and the route wants none";
                let help = "say `.authorized_by(&Authorizer::jwt(..))`, or leave the scopes out";
                scope.error(&rules::CONTRADICTION, message, help);
            }
            let scopes = route.scopes.into_iter().map(Json::Text).collect();
            l1 = l1.raw("AuthorizationScopes", Json::set_of(scopes));
        }
        let source = api.arn_of(&invoked(&key)).cast::<AnyArn>();
        let permission = Permission::service(GATEWAY, source);
        route.function.permit_beside(scope, permission);
        api.scope()
            .edge(Verb::Invokes, route.function.scope(), key.to_string());
        scope.add("Resource", l1)
    }
}

/// What follows the API in the ARN of the requests of a route: the stage, the method and the path.
fn invoked(key: &str) -> String {
    let Some((method, path)) = key.split_once(' ') else {
        return "*".to_owned();
    };
    let method = if method == "ANY" { "*" } else { method };
    let parts = path.split('/');
    let parts = parts.map(|part| if part.starts_with('{') { "*" } else { part });
    format!("*/{method}{}", parts.collect::<Vec<_>>().join("/"))
}

fn checked_wait(scope: &Scope, wait: Duration) -> Json {
    let milliseconds = wait.as_millis();
    if !WAIT.contains(&milliseconds) {
        let message = format!("API Gateway waits 50 milliseconds to 30 seconds, got {wait:?}");
        let help = "answer at once, and do what takes longer behind a queue";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
    Json::Int(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

fn check(scope: &Scope, key: &str) {
    let is_right = key == DEFAULT
        || key.split_once(' ').is_some_and(|(method, path)| {
            METHODS.contains(&method) && path.starts_with('/') && path.split('/').all(is_part)
        });
    if !is_right {
        let message = format!(
            "a route is a method and a path such as `GET /orders/{{id}}`, or `{DEFAULT}`, got \"{key}\""
        );
        let help = "methods are written large; a parameter stands between two slashes as a whole";
        scope.error(&rules::BAD_ROUTE, message, help);
    }
}

/// Whether a part of a path has no blank, and braces around it as a whole or none.
fn is_part(part: &str) -> bool {
    let inner = part
        .strip_prefix('{')
        .and_then(|part| part.strip_suffix('}'));
    let plain = inner.unwrap_or(part);
    !plain.contains(['{', '}', ' ', '?', '#']) && inner != Some("")
}
