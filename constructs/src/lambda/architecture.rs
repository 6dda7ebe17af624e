//! The processors that code can be built for.

use crate::cfn::lambda::function::Architectures;

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

    /// The Rust target that `provided.al2023` code is built for, such as
    /// `aarch64-unknown-linux-musl`: static, so that the runtime's C library does not matter.
    #[must_use]
    pub const fn target(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-musl",
            Self::X86_64 => "x86_64-unknown-linux-musl",
        }
    }

    pub(super) const fn l1(self) -> Architectures {
        match self {
            Self::Arm64 => Architectures::Arm64,
            Self::X86_64 => Architectures::X86_64,
        }
    }
}
