//! Every CloudFormation resource type as a typed Rust builder.
