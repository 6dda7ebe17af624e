//! Texts with a meaning that no pattern tells: what a reference to a resource looks like.

/// By what a property refers to, its beginning.
const REFERENCES: &[(&str, &str)] = &[
    (
        "AWS::ACM::Certificate.",
        "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    ),
    (
        "AWS::CertificateManager::Certificate.",
        "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    ),
    ("AWS::EC2::Image.Id", "ami-12345678"),
    ("AWS::EC2::Instance.", "i-12345678"),
    ("AWS::EC2::SecurityGroup.Id", "sg-12345678"),
    ("AWS::EC2::SecurityGroup.GroupId", "sg-12345678"),
    ("AWS::EC2::Subnet.", "subnet-12345678"),
    ("AWS::EC2::VPC.Id", "vpc-12345678"),
    ("AWS::EC2::VPC.VpcId", "vpc-12345678"),
    (
        "AWS::IAM::Role.Arn",
        "arn:aws:iam::123456789012:role/example",
    ),
    (
        "AWS::IAM::ManagedPolicy.PolicyArn",
        "arn:aws:iam::123456789012:policy/example",
    ),
    (
        "AWS::KMS::Key.",
        "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012",
    ),
    (
        "AWS::Kinesis::Stream.Arn",
        "arn:aws:kinesis:us-east-1:123456789012:stream/example",
    ),
    (
        "AWS::Lambda::Function.Arn",
        "arn:aws:lambda:us-east-1:123456789012:function:example",
    ),
    (
        "AWS::Logs::LogGroup.Arn",
        "arn:aws:logs:us-east-1:123456789012:log-group:example:*",
    ),
    ("AWS::S3::Bucket.Arn", "arn:aws:s3:::example"),
    ("AWS::S3::Bucket.", "example"),
    (
        "AWS::SNS::Topic.",
        "arn:aws:sns:us-east-1:123456789012:example",
    ),
    (
        "AWS::SQS::Queue.Arn",
        "arn:aws:sqs:us-east-1:123456789012:example",
    ),
];

/// A text that is what these targets look like.
pub fn reference(refs: &[&str]) -> Option<&'static str> {
    let known = |target: &&str| {
        let row = REFERENCES
            .iter()
            .find(|(start, _)| target.starts_with(start));
        row.map(|(_, text)| *text)
    };
    refs.iter().find_map(known)
}

/// By the form that a text must have.
const FORMS: &[(&str, &str)] = &[
    ("date-time", "2026-01-01T00:00:00Z"),
    ("ipv4-network", "10.0.0.0/16"),
    ("ipv6-network", "2001:db8::/56"),
];

/// A text of one of these forms.
pub fn formed(forms: &[&str]) -> Option<&'static str> {
    let row = FORMS.iter().find(|(form, _)| forms.contains(form));
    row.map(|(_, text)| *text)
}

/// Texts for the required properties whose form is a regular expression that is not written as
/// `chars`, by a part of the expression.
const EXPRESSIONS: &[(&str, &str)] = &[
    ("::[A-Za-z0-9]{2,64}::", "Example::Example::Example"),
    (
        "jdbc:",
        "jdbc:redshift://example.redshift.amazonaws.com:5439/example",
    ),
    (
        ":fsx:",
        "arn:aws:fsx:us-east-1:123456789012:snapshot/example",
    ),
    ("([0-9]|[0-9][0-9])", "1"),
    ("", "example"),
];

/// A text for a regular expression.
pub fn expression(pattern: &str) -> Option<&'static str> {
    let row = EXPRESSIONS.iter().find(|(part, _)| pattern.contains(part));
    row.map(|(_, text)| *text)
}

/// Texts to try before making one up.
pub const LIKELY: &[&str] = &[
    "example",
    "arn:aws:iam::123456789012:role/example",
    "arn:aws:lambda:us-east-1:123456789012:function:example",
    "1000",
    "123456789012",
    "12345678-1234-1234-1234-123456789012",
    "us-east-1",
    "us-east-1a",
    "https://example.com",
    "example@example.com",
    "10.0.0.0/16",
    "10.0.0.1",
    "2026-01-01T00:00:00Z",
    "2026-01-01",
    "example.com",
    "s3://example/example",
];
