//! A `main` that drops the exit code, so that a failure looks like success.

#![deny(unused_must_use)]

fn main() {
    cloudwright::main(|_app| {});
}
