//! The program of both functions: it takes events and rebuilds, until Lambda ends it.

use std::process::ExitCode;

use catalog::Catalog;
use cloudwright_runtime::program;

fn main() -> ExitCode {
    program::index(Catalog)
}
