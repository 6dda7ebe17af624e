//! Property-level differences between CloudFormation templates, with replacement and broadening.
