//! What the routes of an API want of pages in a browser: the headers that let a page in, and the question whether it may call.
//!
//! A page may send only headers that the API names, so those that a route looks at are named for it. Before a page calls, its
//! browser asks by a request `OPTIONS` without any of them. API Gateway answers that itself, unless a route catches it that
//! wants to know who asks
//! ([AWS](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html)).

use cloudwright_synth::sorted::Map;
use cloudwright_synth::{Fact, Recorded, ResourceRef as _, Text};

use super::HttpApiRef;
use super::route::DEFAULT;
use crate::{order, rules};

/// A route, and what it looks at to let somebody in.
pub(super) struct Entrance {
    pub(super) api: HttpApiRef,
    pub(super) key: Text,
    /// The headers that it looks at.
    pub(super) headers: Vec<Text>,
    /// Whether everybody may call.
    pub(super) is_open: bool,
}

impl Fact for Entrance {
    const ORDER: u16 = order::ENTRANCES;

    fn merge(facts: Vec<Recorded<Self>>) {
        let mut by_api: Map<String, Vec<Recorded<Self>>> = Map::new();
        for fact in facts {
            by_api.or_default(fact.fact.api.scope().path()).push(fact);
        }
        for (_, entrances) in by_api {
            name_headers(&entrances);
            check_questions(&entrances);
        }
    }
}

/// Lets pages send what the routes look at.
fn name_headers(entrances: &[Recorded<Entrance>]) {
    let api = &entrances[0].fact.api;
    let (Some(cfn), Some(said)) = (api.cfn(), api.cors()) else {
        return;
    };
    let Some(mut property) = cfn.handle().property("CorsConfiguration") else {
        return;
    };
    // What a program wrote in its place is the program's own matter.
    if property.get("AllowHeaders").cloned() != said.headers_json() {
        return;
    }
    let mut cors = said.clone();
    for one in entrances {
        cors.need_headers(one.fact.headers.iter().map(|name| &**name));
    }
    if let Some(headers) = cors.headers_json() {
        property.set("AllowHeaders", headers);
        cfn.raw("CorsConfiguration", property);
    }
}

/// Tells of routes that refuse the question whether a page may call.
fn check_questions(entrances: &[Recorded<Entrance>]) {
    if entrances[0].fact.api.cors().is_none() {
        return;
    }
    let is_open = |key: &str| {
        let mut open = entrances.iter().filter(|one| one.fact.is_open);
        open.any(|one| answers(&one.fact.key, key))
    };
    for Recorded { fact, scope, .. } in entrances {
        let Some(path) = asked_at(&fact.key).filter(|_| !fact.is_open) else {
            continue;
        };
        let wanted = format!("OPTIONS {path}");
        if is_open(&wanted) {
            continue;
        }
        let message = format!(
            "a browser asks by OPTIONS whether a page may call, without saying who asks, and `{}` lets in nobody unknown",
            fact.key
        );
        let help = format!(
            "name the methods instead, such as `GET {path}`, or add `{wanted}` for everybody: `.route(\"{wanted}\", Route::to(&function).public())`"
        );
        scope.warn(&rules::CONTRADICTION, message, help);
    }
}

/// The path at which a route gets requests of the method `OPTIONS`, too.
fn asked_at(key: &str) -> Option<&str> {
    if key == DEFAULT {
        return Some("/{proxy+}");
    }
    key.strip_prefix("ANY ")
}

/// Whether a route gets all that another would get: the same, whatever its parameters are called.
fn answers(key: &str, wanted: &str) -> bool {
    let part = |part: &str| match part.strip_prefix('{') {
        Some(parameter) if parameter.ends_with("+}") => "{+}".to_owned(),
        Some(_) => "{}".to_owned(),
        None => part.to_owned(),
    };
    key.split('/').map(part).eq(wanted.split('/').map(part))
}
