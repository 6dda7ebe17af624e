//! HTTP APIs of API Gateway: functions behind routes.
//!
//! An [`HttpApi`] has routes, each of which calls a function. Unless said otherwise only who signs with IAM and was granted it
//! may call: a route that is open says so ([`Route::public`]), and an [`Authorizer`] lets in who brings a token. Every request
//! is in the access log, and no more than so many a second are let through.

mod api;
mod authorizer;
mod handle;
mod page;
mod route;

pub use api::HttpApi;
pub use authorizer::Authorizer;
pub use handle::HttpApiRef;
pub use route::Route;
