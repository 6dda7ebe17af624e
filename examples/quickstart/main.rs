//! A bucket that tells a queue and a topic about its objects.

fn main() {}
