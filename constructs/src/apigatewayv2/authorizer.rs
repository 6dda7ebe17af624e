//! Who may call a route.

use std::time::Duration;

use cloudwright_synth::{
    AnyArn, Builder as _, IntoValue, Json, ResourceRef as _, Scope, Text, Value,
};

use super::HttpApiRef;
use crate::lambda::{FunctionRef, Permission};
use crate::units::check_seconds;
use crate::{cfn, rules};

/// How long an answer is remembered, in seconds.
const REMEMBERED: std::ops::RangeInclusive<i64> = 0..=3600;
/// What stands before the name of a header that the token is in.
const IN_HEADER: &str = "$request.header.";
/// The service that calls functions.
pub(super) const GATEWAY: &str = "apigateway.amazonaws.com";

/// Lets in who brings a token
/// ([AWS](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html)).
#[derive(Clone)]
#[must_use = "an authorizer does nothing until routes have it"]
pub struct Authorizer {
    pub(super) name: Text,
    kind: Kind,
    source: Json,
    remembered: Option<Duration>,
}

#[derive(Clone)]
enum Kind {
    Jwt(Text, Vec<Text>),
    Function(Box<FunctionRef>),
}

impl Authorizer {
    /// Tokens that an issuer, such as `https://cognito-idp.eu-central-1.amazonaws.com/POOL`, has signed for one of these
    /// audiences. They come in the header `Authorization`. The name tells it from others of the API.
    pub fn jwt<A: Into<Text>>(
        name: impl Into<Text>,
        issuer: impl Into<Text>,
        audiences: impl IntoIterator<Item = A>,
    ) -> Self {
        let audiences = audiences.into_iter().map(Into::into).collect();
        Self::new(name.into(), Kind::Jwt(issuer.into(), audiences))
    }

    /// A function that looks at the request and answers `{"isAuthorized": true}` or `false`.
    pub fn function(name: impl Into<Text>, function: &FunctionRef) -> Self {
        Self::new(name.into(), Kind::Function(Box::new(function.clone())))
    }

    const fn new(name: Text, kind: Kind) -> Self {
        Self {
            name,
            kind,
            source: Json::Text(Text::Borrowed("$request.header.Authorization")),
            remembered: None,
        }
    }

    /// Where the token is; `$request.header.Authorization` unless said.
    pub fn identity_source(mut self, source: impl IntoValue<String>) -> Self {
        self.source = source.into_json();
        self
    }

    /// Asks the function again for the same token after so long only, up to an hour; each time unless said.
    pub const fn remembered_for(mut self, time: Duration) -> Self {
        self.remembered = Some(time);
        self
    }

    pub(super) const fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Jwt(..) => "JWT",
            Kind::Function(_) => "CUSTOM",
        }
    }

    /// The header in which the token comes, if it comes in one.
    pub(super) fn header(&self) -> Option<Text> {
        let name = self.source.as_text()?.strip_prefix(IN_HEADER)?;
        Some(name.to_owned().into())
    }

    /// Whether both let in the same.
    fn is_like(&self, other: &Self) -> bool {
        let kinds = match (&self.kind, &other.kind) {
            // The order of audiences means nothing.
            (Kind::Jwt(one, of), Kind::Jwt(other, of_other)) => {
                one == other
                    && of.iter().all(|one| of_other.contains(one))
                    && of_other.iter().all(|one| of.contains(one))
            }
            (Kind::Function(one), Kind::Function(other_one)) => {
                one.scope().path() == other_one.scope().path()
                    && self.remembered.unwrap_or_default() == other.remembered.unwrap_or_default()
            }
            _ => false,
        };
        kinds && self.source == other.source
    }

    /// Adds it to the API, once, for the route at a place.
    pub(super) fn bind(&self, route: &Scope, api: &HttpApiRef) -> Value<String> {
        if let Some(first) = api.first_called(self)
            && !first.is_like(self)
        {
            let message = format!(
                "the authorizer \"{}\" lets in others than another one of the API with that name",
                self.name
            );
            let help = "give each a name of its own";
            route.error(&rules::CONTRADICTION, message, help);
        }
        let id = format!("Authorizer{}", self.name);
        if let Some(known) = api.scope().find(&id).and_then(|known| known.resource()) {
            return Value::from_json(known.reference());
        }
        let kind = if matches!(self.kind, Kind::Jwt(..)) {
            "JWT"
        } else {
            "REQUEST"
        };
        let mut l1 = cfn::apigatewayv2::Authorizer::new(api.id(), kind, self.name.clone())
            .raw("IdentitySource", Json::List(vec![self.source.clone()]));
        match &self.kind {
            Kind::Jwt(issuer, audiences) => {
                self.check(api, issuer, audiences);
                let audiences = audiences.iter().cloned().map(Json::Text).collect();
                let jwt = Json::map([
                    ("Audience", Json::set_of(audiences)),
                    ("Issuer", Json::Text(issuer.clone())),
                ]);
                l1 = l1.raw("JwtConfiguration", jwt);
            }
            Kind::Function(function) => {
                let uri = Json::concat(vec![
                    Json::Text("arn:".into()),
                    api.scope().partition().as_json().clone(),
                    Json::Text(":apigateway:".into()),
                    api.scope().region().as_json().clone(),
                    Json::Text(":lambda:path/2015-03-31/functions/".into()),
                    function.arn().as_json().clone(),
                    Json::Text("/invocations".into()),
                ]);
                l1 = l1
                    .raw("AuthorizerUri", uri)
                    .raw("AuthorizerPayloadFormatVersion", Json::Text("2.0".into()))
                    .raw("EnableSimpleResponses", Json::Bool(true))
                    .raw("AuthorizerResultTtlInSeconds", self.remembered(api));
                let source = api.arn_of("authorizers/*").cast::<AnyArn>();
                let permission = Permission::service(GATEWAY, source);
                function.permit_beside(api.scope(), permission);
            }
        }
        let made = api.scope().add(id, l1);
        Value::from_json(made.handle().reference())
    }

    fn remembered(&self, api: &HttpApiRef) -> Json {
        let time = self.remembered.unwrap_or_default();
        let what = "how long an answer is remembered";
        Json::Int(check_seconds(api.scope(), what, time, REMEMBERED))
    }

    fn check(&self, api: &HttpApiRef, issuer: &str, audiences: &[Text]) {
        if !issuer.starts_with("https://") || audiences.is_empty() {
            let message = format!(
                "tokens are of an issuer `https://..` and for at least one audience, got \"{issuer}\" and {}",
                audiences.len()
            );
            let help =
                "the issuer has its keys below its address, at `/.well-known/openid-configuration`";
            api.scope().error(&rules::BAD_ENDPOINT, message, help);
        }
    }
}
