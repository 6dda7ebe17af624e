//! A program that gives `main` a number.

use std::process::ExitCode;

fn main() -> ExitCode {
    cloudwright::main(|_app| 1)
}
