//! The Cloud Development Kit for Rust: write a stack in Rust, review and deploy CloudFormation.
