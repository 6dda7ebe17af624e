//! The processors that code can be built for.

use cloudwright_bundle::Target;
use cloudwright_synth::Scope;

use crate::cfn::lambda::function::Architectures;
use crate::rules;

/// The context key that names the processor of functions that say none.
const KEY: &str = "cloudwright:architecture";

/// An instruction set ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Architecture {
    /// AWS Graviton: the cheaper one, and the default.
    #[default]
    Arm64,
    /// Intel and AMD.
    X86_64,
}

impl Architecture {
    /// The name that Lambda uses: `arm64` or `x86_64`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }

    /// The Rust target that [`Code::cargo`](super::Code::cargo) builds for, such as
    /// `aarch64-unknown-linux-gnu`.
    #[must_use]
    pub const fn target(self) -> &'static str {
        self.built_for().triple()
    }

    /// As the recipes of code have it.
    pub(super) const fn built_for(self) -> Target {
        match self {
            Self::Arm64 => Target::Arm64,
            Self::X86_64 => Target::X86_64,
        }
    }

    /// The processor of a function that says none, and whose code can be made for any: the one that
    /// the context value `cloudwright:architecture` names. Template and asset key follow it
    /// together, so that a machine without the default's target can deploy and run what it builds.
    pub(super) fn of_context(scope: &Scope) -> Self {
        let Some(text) = scope.context(KEY) else {
            return Self::default();
        };
        match [Self::Arm64, Self::X86_64]
            .into_iter()
            .find(|known| known.name() == text)
        {
            Some(known) => known,
            None => {
                let message = format!("the context value {KEY} is arm64 or x86_64, got \"{text}\"");
                let help = format!("`--context {KEY}=x86_64`, or leave it out");
                scope.error(&rules::UNKNOWN_ARCHITECTURE, message, help);
                Self::default()
            }
        }
    }

    pub(super) const fn l1(self) -> Architectures {
        match self {
            Self::Arm64 => Architectures::Arm64,
            Self::X86_64 => Architectures::X86_64,
        }
    }
}
