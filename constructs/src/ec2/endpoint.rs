//! Ways to AWS's services that do not leave the network.

use cloudwright_synth::{IntoValue, Json, Text, Value};

use super::{Port, SecurityGroup, VpcRef};
use crate::cfn::ec2::vpc_endpoint::VpcEndpointType;
use crate::iam::{PolicyDocument, Principal, Statement};
use crate::{cfn, rules};

/// The services that are reached by a gateway, which costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayService {
    /// S3.
    S3,
    /// DynamoDB.
    DynamoDb,
}

impl GatewayService {
    const fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::DynamoDb => "dynamodb",
        }
    }
}

impl VpcRef {
    /// Has S3 or DynamoDB reached by a gateway, from all subnets
    /// ([AWS](https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html)). Said twice, it is the same. A
    /// network that exists already keeps its own tables: its owner adds gateways.
    #[track_caller]
    pub fn gateway_endpoint(&self, service: GatewayService) -> &Self {
        let name = service.name();
        if self.cfn().is_none() {
            let message = format!(
                "`{}` exists already, and its tables would have to lead to the gateway of {name}",
                self.scope().path()
            );
            let help = "add the gateway where the network is made";
            self.scope().error(&rules::BAD_NETWORK, message, help);
            return self;
        }
        if !self.is_first(format!("gateway of {name}")) {
            return self;
        }
        let tables = self.tables().iter().map(cfn::ec2::RouteTableRef::reference);
        let endpoint = cfn::ec2::VpcEndpoint::new(self.id())
            .vpc_endpoint_type(VpcEndpointType::Gateway)
            .service_name(self.service(name))
            .route_table_ids(tables.collect::<Vec<_>>());
        self.has_entrance(&self.scope().add(format!("Endpoint-{name}"), endpoint));
        self
    }

    /// Has a service, such as `ssm` or `logs`, reached by addresses in the private subnets
    /// ([AWS](https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html)), under its usual name.
    /// Who is in the network reaches it by HTTPS, and only principals of this account. Said twice, it is the
    /// same.
    ///
    /// S3 and DynamoDB can have a gateway as well, for which this is another endpoint; for S3 AWS wants the
    /// gateway to be there
    /// ([AWS](https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html)).
    #[track_caller]
    pub fn interface_endpoint(&self, service: impl Into<Text>) -> &Self {
        let service = service.into();
        let is_plain =
            |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || b".-_".contains(&one);
        if service.is_empty() || !service.bytes().all(is_plain) {
            let message = format!(
                "a service is called as in `com.amazonaws.eu-central-1.SERVICE`, such as \"ssm\", got \"{service}\""
            );
            let help = "see `aws ec2 describe-vpc-endpoint-services`";
            self.scope().error(&rules::BAD_NETWORK, message, help);
            return self;
        }
        if !self.is_first(format!("addresses of {service}")) {
            return self;
        }
        let place = self.scope().place(format!("Addresses-{service}"));
        let mut group =
            SecurityGroup::new(self, format!("who reaches {service}")).allow_no_outbound();
        match self.range() {
            Some(range) => {
                group = group.allow_from_range(range.to_owned(), Port::HTTPS, "the network");
            }
            None => self.report_range(),
        }
        let group = place.add("Group", group);
        let subnets = self.private_subnets().iter().map(super::SubnetRef::id);
        let endpoint = cfn::ec2::VpcEndpoint::new(self.id())
            .vpc_endpoint_type(VpcEndpointType::Interface)
            .service_name(self.service(&service))
            .subnet_ids(subnets.collect::<Vec<_>>())
            .security_group_ids([group.id()])
            .private_dns_enabled(true)
            .policy_document(IntoValue::<Json>::into_json(self.of_account()));
        self.has_entrance(&place.add("Resource", endpoint));
        self
    }

    #[track_caller]
    fn report_range(&self) {
        let message = format!(
            "the endpoint has to let in the addresses of `{}`, which exists already and did not say them",
            self.scope().path()
        );
        let help = "say them where the network is imported: `.with_range(\"10.0.0.0/16\")`";
        self.scope().error(&rules::BAD_NETWORK, message, help);
    }

    /// Everything, to the principals of this account alone.
    fn of_account(&self) -> PolicyDocument {
        let everything = Statement::allow(["*"])
            .by(Principal::everyone())
            .on("*")
            .when(
                "StringEquals",
                "aws:PrincipalAccount",
                self.scope().account(),
            );
        PolicyDocument::new([everything])
    }

    fn service(&self, name: &str) -> Value<String> {
        Value::from_json(Json::concat(vec![
            Json::Text("com.amazonaws.".into()),
            self.scope().region().as_json().clone(),
            Json::Text(format!(".{name}").into()),
        ]))
    }
}
