//! The program that carries a bucket's objects to where they are served from. See `cloudwright_runtime::worker`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cloudwright_runtime::program::worker()
}
