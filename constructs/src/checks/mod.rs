//! What finished templates show: mistakes that every schema accepts, and that AWS or an attacker
//! would find.
//!
//! A construct checks what it is told. These checks look at the templates instead, whoever made the
//! resources: L2 constructs, L1 values or raw JSON. Each file is one [`Check`] of the engine about one
//! subject; `read` and `rights` are how they look at values and at policies. What cannot be known
//! before the deployment (a parameter, an import, another account) is never a finding.

mod actions;
mod data;
mod functions;
mod notifications;
mod policies;
mod queues;
mod quotas;
mod read;
mod recursion;
mod rights;
mod secrets;
mod settings;
mod trust;

use cloudwright_synth::App;

pub(crate) use data::DATA;
pub(crate) use policies::KINDS as WITH_POLICIES;
pub(crate) use trust::KINDS as LETTING_IN;

/// Adds every check of the library to an app.
pub(crate) fn add_to(app: &App) {
    app.check(data::Data);
    app.check(functions::Functions);
    app.check(notifications::Notifications);
    app.check(policies::Policies::default());
    app.check(queues::Queues);
    app.check(quotas::Quotas);
    app.check(recursion::Recursion);
    app.check(secrets::Secrets);
    app.check(settings::Settings);
    app.check(trust::Trust);
}
