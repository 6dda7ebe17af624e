//! The order in which facts are merged; each merge may only record facts of a later order.

/// Notifications become native configuration, permissions and resource statements.
pub(crate) const NOTIFY: u16 = 100;
/// What happens to asynchronous calls that fail.
pub(crate) const ASYNCHRONOUS: u16 = 200;
/// Environment variables are written.
pub(crate) const ENVIRONMENT: u16 = 300;
/// Versions of functions are published, once all that they hold is written.
#[cfg(feature = "lambda-more")]
pub(crate) const VERSIONS: u16 = 400;
/// Routes of APIs name the headers that let pages in.
#[cfg(feature = "apigatewayv2")]
pub(crate) const ENTRANCES: u16 = 450;
/// Statements about roles become policies.
pub(crate) const IDENTITY_POLICY: u16 = 500;
/// Statements about resources become resource policies.
pub(crate) const RESOURCE_POLICY: u16 = 600;
/// Tables that two package indexes would make are reported.
#[cfg(feature = "cache-sync")]
pub(crate) const PACKAGE_TABLES: u16 = 700;
/// Properties that nobody set are set by the defaults of their place.
pub(crate) const DEFAULTS: u16 = 800;
/// Exceptions are written onto all resources, those of other merges included.
pub(crate) const EXCEPTIONS: u16 = 900;
