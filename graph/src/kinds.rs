//! What resources are called in a picture, and which are none of its boxes.

/// What a box is coloured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Storage,
    Messages,
    Compute,
    Data,
    Security,
    Management,
    Network,
    Outside,
    Other,
}

impl Group {
    /// The name of its class.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::Messages => "messages",
            Self::Compute => "compute",
            Self::Data => "data",
            Self::Security => "security",
            Self::Management => "management",
            Self::Network => "network",
            Self::Outside => "outside",
            Self::Other => "other",
        }
    }
}

/// Types with a word of their own.
const NAMED: &[(&str, &str, Group)] = &[
    (
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "scaling",
        Group::Compute,
    ),
    (
        "AWS::AutoScaling::AutoScalingGroup",
        "servers",
        Group::Compute,
    ),
    ("AWS::CloudWatch::Alarm", "alarm", Group::Management),
    (
        "AWS::CloudWatch::CompositeAlarm",
        "alarm",
        Group::Management,
    ),
    ("AWS::CloudWatch::Dashboard", "dashboard", Group::Management),
    ("AWS::DynamoDB::GlobalTable", "global table", Group::Data),
    ("AWS::DynamoDB::Table", "table", Group::Data),
    ("AWS::EC2::Instance", "server", Group::Compute),
    (
        "AWS::EC2::LaunchTemplate",
        "launch template",
        Group::Compute,
    ),
    ("AWS::EC2::SecurityGroup", "security group", Group::Network),
    ("AWS::EC2::VPC", "network", Group::Network),
    ("AWS::ECR::Repository", "image repository", Group::Storage),
    ("AWS::ECS::Cluster", "cluster", Group::Compute),
    ("AWS::ECS::Service", "service", Group::Compute),
    ("AWS::ECS::TaskDefinition", "task", Group::Compute),
    ("AWS::Events::EventBus", "event bus", Group::Messages),
    ("AWS::Events::Rule", "rule", Group::Messages),
    ("AWS::IAM::Group", "group", Group::Security),
    ("AWS::IAM::Role", "role", Group::Security),
    ("AWS::IAM::User", "user", Group::Security),
    ("AWS::KMS::Key", "key", Group::Security),
    ("AWS::Kinesis::Stream", "stream", Group::Messages),
    ("AWS::Lambda::Function", "function", Group::Compute),
    ("AWS::Lambda::LayerVersion", "layer", Group::Compute),
    ("AWS::Logs::LogGroup", "log group", Group::Management),
    ("AWS::S3::Bucket", "bucket", Group::Storage),
    ("AWS::SNS::Topic", "topic", Group::Messages),
    ("AWS::SQS::Queue", "queue", Group::Messages),
    ("AWS::SSM::Document", "document", Group::Management),
    ("AWS::SSM::Parameter", "parameter", Group::Management),
    ("AWS::SecretsManager::Secret", "secret", Group::Security),
    (
        "AWS::StepFunctions::StateMachine",
        "state machine",
        Group::Compute,
    ),
];

/// Services by the colour of what they offer.
const SERVICES: &[(&str, Group)] = &[
    ("ApiGateway", Group::Network),
    ("ApiGatewayV2", Group::Network),
    ("Batch", Group::Compute),
    ("CloudFront", Group::Network),
    ("DocDB", Group::Data),
    ("EC2", Group::Network),
    ("ECS", Group::Compute),
    ("EFS", Group::Storage),
    ("EKS", Group::Compute),
    ("ElastiCache", Group::Data),
    ("ElasticLoadBalancingV2", Group::Network),
    ("FSx", Group::Storage),
    ("Neptune", Group::Data),
    ("OpenSearchService", Group::Data),
    ("RDS", Group::Data),
    ("Redshift", Group::Data),
    ("Route53", Group::Network),
    ("S3", Group::Storage),
];

/// What ties others together, and is a line or nothing in a picture. Endings stand for all services.
const TIES: &[&str] = &[
    "::EC2::EIP",
    "::EC2::Route",
    "::EC2::Subnet",
    "::EC2::VPCEndpoint",
    "::Logs::MetricFilter",
    "::Logs::SubscriptionFilter",
    "::Route53::RecordSet",
    "::SSM::Association",
    "Alias",
    "Association",
    "Attachment",
    "CDK::Metadata",
    "CloudFormation::Stack",
    "Egress",
    "EventInvokeConfig",
    "EventSourceMapping",
    "Gateway",
    "Ingress",
    "InstanceProfile",
    "NetworkAcl",
    "NetworkAclEntry",
    "Permission",
    "Policy",
    "RotationSchedule",
    "RouteTable",
    "ScalableTarget",
    "SubnetGroup",
    "Subscription",
    "::Lambda::Version",
    "WaitConditionHandle",
];

/// Whether a resource of this type is no box.
pub(crate) fn is_tie(resource: &str) -> bool {
    // What an alarm makes more or fewer of something by is told by that alarm.
    !resource.ends_with("::ScalingPolicy") && TIES.iter().any(|ending| resource.ends_with(ending))
}

/// The word and the colour of a resource type.
pub(crate) fn of(resource: &str) -> (String, Group) {
    if let Some((_, word, group)) = NAMED.iter().find(|(name, ..)| *name == resource) {
        return ((*word).to_owned(), *group);
    }
    let parts: Vec<_> = resource.split("::").collect();
    let service = parts.get(1).copied().unwrap_or_default();
    let group = SERVICES.iter().find(|(name, _)| *name == service);
    (
        parts[1.min(parts.len() - 1)..].join(" "),
        group.map_or(Group::Other, |(_, group)| *group),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_words_and_ties_are_known() {
        assert_eq!(of("AWS::SQS::Queue"), ("queue".to_owned(), Group::Messages));
        assert_eq!(
            of("AWS::RDS::DBInstance"),
            ("RDS DBInstance".to_owned(), Group::Data)
        );
        assert_eq!(of("Custom::Thing").0, "Thing");
        assert!(is_tie("AWS::SQS::QueuePolicy") && is_tie("AWS::EC2::SubnetRouteTableAssociation"));
        assert!(!is_tie("AWS::S3::Bucket") && !is_tie("AWS::EC2::VPC"));
        assert!(
            NAMED.iter().all(|(name, ..)| !is_tie(name)),
            "a tie has a word"
        );
    }
}
