//! The program of every bundled function: Lambda starts it, and `_HANDLER` names the handler that it
//! is ([custom runtimes](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html)).

use std::process::ExitCode;

fn main() -> ExitCode {
    cloudwright_runtime::program::run()
}
