#![deny(unused_must_use)]

fn main() {
    cloudwright::main(|_app| {});
}
