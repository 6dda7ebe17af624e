//! Functions inside a network, and the file systems that they reach there.

use cloudwright_synth::{Arn, Id, IntoValue, Json, Scope, Text, Value};

use crate::cfn;
use crate::cfn::lambda::function;
use crate::iam::Statement;

/// What Lambda does, as the function's role, to plug the function into a network, on all resources as in AWS's own
/// `AWSLambdaVPCAccessExecutionRole`. Lambda asks for some of these rights before there is an interface, and
/// [refuses](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions) a role that
/// has them for certain interfaces only; a subnet may be another account's, which shares it.
const PLUG_IN: [&str; 7] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

/// The subnets and security groups of a function.
#[derive(Clone)]
pub(super) struct Network {
    pub(super) subnets: Value<Vec<Id<cfn::ec2::Subnet>>>,
    pub(super) groups: Value<Vec<Id<cfn::ec2::SecurityGroup>>>,
}

impl Network {
    pub(super) fn l1(self) -> function::VpcConfig {
        function::VpcConfig::new()
            .subnet_ids(self.subnets)
            .security_group_ids(self.groups)
    }

    pub(super) fn statement() -> Statement {
        Statement::allow(PLUG_IN).on("*")
    }
}

/// An access point of a file system, and where the function sees it.
#[derive(Clone)]
pub(super) struct Mount {
    pub(super) access_point: Value<Arn<cfn::efs::AccessPoint>>,
    pub(super) path: Text,
}

impl Mount {
    pub(super) fn l1(&self) -> function::FileSystemConfig {
        function::FileSystemConfig::new(&self.access_point, self.path.clone())
    }

    /// Reading and writing through this access point, and no other. Which file system that is of, it knows itself; it may
    /// be one of another account.
    pub(super) fn statement(&self, scope: &Scope) -> Statement {
        let file_systems = Json::concat(vec![
            Json::Text("arn:".into()),
            scope.partition().as_json().clone(),
            Json::Text(":elasticfilesystem:*:*:file-system/*".into()),
        ]);
        Statement::allow([
            "elasticfilesystem:ClientMount",
            "elasticfilesystem:ClientWrite",
        ])
        .on(Value::<String>::from_json(file_systems))
        .when(
            "ArnEquals",
            "elasticfilesystem:AccessPointArn",
            IntoValue::<Json>::into_json(&self.access_point),
        )
    }
}
