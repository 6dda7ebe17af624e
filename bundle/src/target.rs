//! The processors that a package is made for.

use std::str::FromStr;

use crate::Problem;

/// An instruction set of Lambda, with all that it is called elsewhere
/// ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html)).
///
/// The template's `Architectures` and the target of the compiler both come from this one value: two
/// settings that disagree would be a function that dies at its first call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// AWS Graviton.
    Arm64,
    /// Intel and AMD.
    X86_64,
}

impl Target {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Arm64, Self::X86_64];

    /// The name that Lambda uses: `arm64` or `x86_64`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }

    /// The Rust target, such as `aarch64-unknown-linux-gnu`.
    #[must_use]
    pub const fn triple(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }

    /// The processor as Python wheels name it: `aarch64` or `x86_64`.
    #[must_use]
    pub const fn machine(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64",
            Self::X86_64 => "x86_64",
        }
    }
}

impl FromStr for Target {
    type Err = Problem;

    /// Reads a name or a Rust target.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let named = Self::ALL
            .into_iter()
            .find(|target| text == target.name() || text == target.triple());
        named.ok_or_else(|| {
            let message = format!("Lambda runs arm64 and x86_64, got \"{text}\"");
            Problem::new(message, "name one of these two")
        })
    }
}
