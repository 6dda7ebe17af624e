//! The programs of `cloudwright-runtime`: what is built of them, and how.

use crate::Target;
use crate::hash::Fields;

/// The folder of `cloudwright-runtime` in the checkout of cloudwright itself.
pub(crate) const FOLDER: &str = "runtime";
/// The program of `cloudwright-runtime`, and what `provided.al2023` starts.
#[cfg(feature = "build")]
pub(crate) const BOOTSTRAP: &str = "bootstrap";
/// The program of `cloudwright-runtime` that runs in containers, and its feature.
pub(crate) const WORKER: &str = "worker";
/// The profile that stands for a development build.
pub(crate) const DEVELOPMENT: &str = "dev";
/// The profile of all handlers.
const RELEASE: &str = "release";
/// The feature with all handlers.
const EVERY: &str = "handlers";

/// How all handlers are built, wherever that happens: small, since a cold start loads all of it. Profiles do
/// not travel with a published package, so that the build is told.
///
/// A panic ends the process. With unwinding the archive would be larger by a seventh (3.91 MB to 3.40 MB when that was
/// measured), for every cold start; without its tables, which are [emptied](crate::build::drop_unwind_tables), it is
/// smaller by another twelfth (3.37 MB of 3.67). What unwinding buys is little: either way Lambda counts the invocation as
/// failed, with the panic in its log, sends the event again and gives the next one to a working process; a batch of a queue comes again as a whole, which
/// handlers take for the duplicates that it then holds. What is lost is the panic's text in the record of a
/// failure queue, which says `Runtime.ExitError` instead.
///
/// The crates that every request spends its time in are built for speed.
const RELEASE_SETTINGS: &[(&str, &str)] = &[
    ("profile.release.codegen-units", "1"),
    ("profile.release.debug", "false"),
    ("profile.release.lto", "\"fat\""),
    ("profile.release.opt-level", "\"z\""),
    ("profile.release.panic", "\"abort\""),
    ("profile.release.package.aws-sigv4.opt-level", "3"),
    (
        "profile.release.package.aws-smithy-runtime-api.opt-level",
        "3",
    ),
    ("profile.release.package.bytes.opt-level", "3"),
    ("profile.release.package.fnv.opt-level", "3"),
    ("profile.release.package.hmac.opt-level", "3"),
    ("profile.release.package.http.opt-level", "3"),
    ("profile.release.package.httparse.opt-level", "3"),
    ("profile.release.package.hyper.opt-level", "3"),
    ("profile.release.package.memchr.opt-level", "3"),
    ("profile.release.package.sha2.opt-level", "3"),
    ("profile.release.strip", "\"symbols\""),
];
/// How one handler is built while a program is developed: soon.
const DEVELOPMENT_SETTINGS: &[(&str, &str)] = &[
    ("profile.dev.codegen-units", "256"),
    ("profile.dev.debug", "false"),
    ("profile.dev.incremental", "false"),
    ("profile.dev.opt-level", "0"),
    ("profile.dev.panic", "\"abort\""),
    ("profile.dev.strip", "\"symbols\""),
];

/// The handlers of `cloudwright-runtime`, as the file `bootstrap`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeRecipe {
    /// The exact version of the package.
    pub version: String,
    /// The processor.
    pub target: Target,
    /// Which handlers.
    pub handlers: Handlers,
}

/// Which handlers a build holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handlers {
    /// All of them in one small program: what a stack is deployed with.
    Every,
    /// The named one, which is its feature too, in a build that takes a fraction of the time:
    /// `cargo xtask bench handler-sizes` measures what each costs.
    Only(String),
    /// None of them, but the program `worker`: statically linked, in a container image.
    Worker,
}

impl RuntimeRecipe {
    /// The key for a source whose [`source_digest`](crate::source_digest) is known.
    #[must_use]
    pub fn key(&self, source: &str) -> String {
        let mut fields = Fields::new("runtime/2");
        fields.add(source);
        fields.add(self.target.triple());
        fields.add(self.feature());
        let settings = self.settings().iter();
        fields.list(settings.map(|(name, value)| format!("{name}={value}")));
        fields.finish()
    }

    /// The feature of the package to build.
    pub(crate) fn feature(&self) -> &str {
        match &self.handlers {
            Handlers::Every => EVERY,
            Handlers::Only(name) => name,
            Handlers::Worker => WORKER,
        }
    }

    /// Whether it keeps the tables by which a panic unwinds. What is deployed ends where it panics; in a development build
    /// nobody waits for them to be emptied.
    #[must_use]
    pub const fn keeps_unwind_tables(&self) -> bool {
        matches!(self.handlers, Handlers::Only(_))
    }

    /// Whether it becomes a container image, in place of an archive.
    #[must_use]
    pub const fn is_image(&self) -> bool {
        matches!(self.handlers, Handlers::Worker)
    }

    /// The profile to build with.
    #[must_use]
    pub const fn profile(&self) -> &'static str {
        match self.handlers {
            Handlers::Every | Handlers::Worker => RELEASE,
            Handlers::Only(_) => DEVELOPMENT,
        }
    }

    /// What the profile is, as cargo's settings have it.
    #[must_use]
    pub const fn settings(&self) -> &'static [(&'static str, &'static str)] {
        match self.handlers {
            Handlers::Every | Handlers::Worker => RELEASE_SETTINGS,
            Handlers::Only(_) => DEVELOPMENT_SETTINGS,
        }
    }
}
