//! CloudFormation resource facts: the spec file format, its model, parser and writer.
