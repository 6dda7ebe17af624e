//! What pages of other origins may do from a browser
//! ([CORS](https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS)), for what API Gateway and Lambda answer.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::{Json, Scope, Text};

use crate::rules;
use crate::units::check_seconds;

/// How long a browser may remember what is allowed, in seconds.
const MAX_AGE: RangeInclusive<i64> = 0..=86_400;
/// What a program says to whoever names no origin.
const NAME_ORIGINS: &str =
    "say whose pages may call: `.cors([\"https://shop.example\"], [\"GET\"])`";
/// The headers by which requests are signed: without them a page may not send a signature.
pub(crate) const SIGNED: [&str; 4] = [
    "Authorization",
    "X-Amz-Content-Sha256",
    "X-Amz-Date",
    "X-Amz-Security-Token",
];

/// Which pages may call, and how.
#[derive(Clone)]
pub(crate) struct Cors {
    pub(crate) origins: Vec<Text>,
    pub(crate) methods: Vec<Text>,
    pub(crate) headers: Vec<Text>,
    pub(crate) credentials: bool,
    pub(crate) max_age: Option<Duration>,
}

impl Cors {
    /// Pages of no other origin.
    pub(crate) const fn none() -> Self {
        Self {
            origins: Vec::new(),
            methods: Vec::new(),
            headers: Vec::new(),
            credentials: false,
            max_age: None,
        }
    }

    /// Adds origins whose pages may call, and methods that they may use.
    pub(crate) fn allow<O: Into<Text>, M: Into<Text>>(
        &mut self,
        origins: impl IntoIterator<Item = O>,
        methods: impl IntoIterator<Item = M>,
    ) {
        self.origins.extend(origins.into_iter().map(Into::into));
        self.methods.extend(methods.into_iter().map(Into::into));
    }

    /// Adds headers that pages may send.
    pub(crate) fn allow_headers<H: Into<Text>>(&mut self, names: impl IntoIterator<Item = H>) {
        self.headers.extend(names.into_iter().map(Into::into));
    }

    /// Adds headers that pages have to send to be let in; a header is one whatever the case of its letters.
    pub(crate) fn need_headers<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        for name in names {
            let known = |said: &Text| said.eq_ignore_ascii_case(name);
            if !self.headers.iter().any(known) {
                self.headers.push(name.to_owned().into());
            }
        }
    }

    /// The property; nothing when pages of no other origin may call.
    pub(crate) fn json(&self, scope: &Scope) -> Option<Json> {
        self.check(scope);
        if self.origins.is_empty() {
            return None;
        }
        let mut cors = Json::map([("AllowOrigins", list(&self.origins))]);
        if !self.methods.is_empty() {
            cors.set("AllowMethods", list(&self.methods));
        }
        if let Some(headers) = self.headers_json() {
            cors.set("AllowHeaders", headers);
        }
        if self.credentials {
            cors.set("AllowCredentials", Json::Bool(true));
        }
        if let Some(age) = self.max_age {
            let age = check_seconds(scope, "what a browser remembers", age, MAX_AGE);
            cors.set("MaxAge", Json::Int(age));
        }
        Some(cors)
    }

    /// The headers as the property has them, if there are any.
    pub(crate) fn headers_json(&self) -> Option<Json> {
        (!self.headers.is_empty()).then(|| list(&self.headers))
    }

    fn check(&self, scope: &Scope) {
        let everybody = self.origins.iter().any(|origin| origin == "*");
        if self.credentials && (everybody || self.origins.is_empty()) {
            let message = "cookies are sent to pages of named origins only, and none is named";
            let help = "name the origins: `.cors([\"https://shop.example\"], [\"GET\"])`";
            return scope.error(&rules::CONTRADICTION, message, help);
        }
        let is_said =
            !self.methods.is_empty() || !self.headers.is_empty() || self.max_age.is_some();
        // A stage without pages has an empty list of them.
        if self.origins.is_empty() && is_said {
            let message = "methods, headers or a time are said for pages of no origin";
            scope.warn(&rules::CONTRADICTION, message, NAME_ORIGINS);
        }
        if !self.origins.is_empty() && self.methods.is_empty() {
            let message = "pages may call by no method but those that need no leave: GET, HEAD and POST of a form or a text";
            let help = "name the methods beside the origins, such as \"GET\"";
            scope.warn(&rules::CONTRADICTION, message, help);
        }
    }
}

fn list(texts: &[Text]) -> Json {
    Json::set_of(texts.iter().cloned().map(Json::Text).collect())
}
