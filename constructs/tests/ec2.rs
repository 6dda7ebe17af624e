//! Networks that keep to themselves, and servers that start safely.

mod support;

use cloudwright::ec2::{
    GatewayService, Image, LaunchTemplate, Nat, Port, SecurityGroup, UserData, Vpc, VpcRef,
};
use cloudwright::lambda::Architecture;
use cloudwright::prelude::*;
use serde_json::{Value, json as expected};
use support::{Template, assert_error, assert_warning, findings, strict_template, template};

const SUBNET: &str = "AWS::EC2::Subnet";
const ROUTE: &str = "AWS::EC2::Route";
const GROUP: &str = "AWS::EC2::SecurityGroup";
const ENDPOINT: &str = "AWS::EC2::VPCEndpoint";
const TEMPLATE: &str = "AWS::EC2::LaunchTemplate";

fn network(stack: &Stack) -> VpcRef {
    stack.add("Network", Vpc::new("10.0.0.0/16"))
}

fn with(network: Vpc) -> Template {
    template(|stack| {
        stack.add("Network", network);
    })
}

/// The addresses of the subnets, by the start of their logical ids.
fn ranges(template: &Template, kind: &str) -> Vec<Value> {
    let subnets = template
        .resources()
        .filter(|(id, body)| body["Type"] == SUBNET && id.starts_with(&format!("Network{kind}")));
    subnets
        .map(|(_, body)| body["Properties"]["CidrBlock"].clone())
        .collect()
}

#[test]
fn a_network_has_private_subnets_and_no_way_out() {
    let template = with(Vpc::new("10.0.0.0/16"));
    assert_eq!(
        ranges(&template, "Private"),
        ["10.0.0.0/19", "10.0.32.0/19"]
    );
    assert!(ranges(&template, "Public").is_empty());
    for kind in [ROUTE, "AWS::EC2::NatGateway", "AWS::EC2::InternetGateway"] {
        assert!(template.all(kind).is_empty(), "{kind}");
    }
    assert_eq!(
        *template.properties("AWS::EC2::VPC"),
        expected!({
            "CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": true, "EnableDnsSupport": true
        })
    );
}

#[test]
fn one_zone_more_changes_no_other_subnet() {
    let subnets = |zones| {
        let network = Vpc::new("10.0.0.0/16")
            .availability_zones(zones)
            .public_subnets();
        let template = with(network);
        [ranges(&template, "Private"), ranges(&template, "Public")]
    };
    let (two, six) = (subnets(2), subnets(6));
    for (two, six) in two.iter().zip(&six) {
        assert_eq!(two[..], six[..2]);
        assert_eq!(six.len(), 6);
    }
    assert_eq!(two[1], ["10.0.192.0/22", "10.0.196.0/22"]);
    // All of them are apart.
    let mut all: Vec<String> = six.concat().iter().map(Value::to_string).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 12);
}

#[test]
fn the_way_out_goes_through_gateways() {
    let one = with(Vpc::new("10.0.0.0/16").availability_zones(3).nat(Nat::One));
    assert_eq!(one.all("AWS::EC2::NatGateway").len(), 1);
    let per_zone = with(
        Vpc::new("10.0.0.0/16")
            .availability_zones(3)
            .nat(Nat::PerZone),
    );
    let nats = per_zone.all("AWS::EC2::NatGateway");
    assert_eq!(nats.len(), 3);
    let attachment = per_zone.id("AWS::EC2::VPCGatewayAttachment", "Network");
    assert!(nats.iter().all(|nat| nat["DependsOn"] == attachment));
    for template in [one, per_zone] {
        let routes = template.all(ROUTE);
        assert_eq!(routes.len(), 6, "one for each subnet");
        let by_nat = |route: &&&Value| route["Properties"].get("NatGatewayId").is_some();
        assert_eq!(routes.iter().filter(by_nat).count(), 3);
    }
    // Nobody gets a public address without asking.
    let template = with(Vpc::new("10.0.0.0/16").public_subnets());
    let subnets = template.all(SUBNET);
    let is_private = |subnet: &&Value| subnet["Properties"]["MapPublicIpOnLaunch"] == false;
    assert!(subnets.iter().all(is_private));
}

#[test]
fn a_strict_stack_keeps_who_talked_to_whom() {
    let template = strict_template(|stack| {
        network(stack);
    });
    assert_eq!(
        template.properties("AWS::EC2::FlowLog")["TrafficType"],
        "ALL"
    );
    let trust = &template.properties("AWS::IAM::Role")["AssumeRolePolicyDocument"];
    assert_eq!(
        trust["Statement"][0]["Condition"]["StringEquals"]["aws:SourceAccount"],
        "123456789012"
    );
}

#[test]
fn a_service_can_have_a_gateway_and_addresses() {
    let template = template(|stack| {
        let network = network(stack);
        network.gateway_endpoint(GatewayService::S3);
        network.interface_endpoint("s3");
    });
    let kinds = ["NetworkEndpoints3", "NetworkAddressess3"]
        .map(|start| &template.named(ENDPOINT, start)["Properties"]["VpcEndpointType"]);
    assert_eq!(kinds, ["Gateway", "Interface"]);
}

#[test]
fn endpoints_reach_services_without_a_way_out() {
    let template = template(|stack| {
        let network = network(stack);
        network.gateway_endpoint(GatewayService::S3);
        network.gateway_endpoint(GatewayService::S3);
        network.interface_endpoint("ssm").interface_endpoint("ssm");
    });
    assert_eq!(template.all(ENDPOINT).len(), 2);
    let gateway = &template.named(ENDPOINT, "NetworkEndpoints3")["Properties"];
    assert_eq!(gateway["ServiceName"], "com.amazonaws.eu-central-1.s3");
    assert_eq!(gateway["RouteTableIds"].as_array().unwrap().len(), 2);
    let interface = &template.named(ENDPOINT, "NetworkAddressesssm")["Properties"];
    assert_eq!(interface["PrivateDnsEnabled"], true);
    assert_eq!(
        interface["PolicyDocument"]["Statement"][0]["Condition"],
        expected!({ "StringEquals": { "aws:PrincipalAccount": "123456789012" } })
    );
    let group = template.properties(GROUP);
    assert_eq!(
        group["SecurityGroupIngress"],
        expected!([{
            "CidrIp": "10.0.0.0/16", "Description": "the network",
            "FromPort": 443, "ToPort": 443, "IpProtocol": "tcp"
        }])
    );
}

#[test]
fn a_group_lets_nothing_in_and_https_out() {
    let template = template(|stack| {
        let group = SecurityGroup::new(&network(stack), "servers");
        stack.add("Servers", group);
    });
    let group = template.properties(GROUP);
    assert_eq!(group["SecurityGroupIngress"], Value::Null);
    assert_eq!(group["SecurityGroupEgress"].as_array().unwrap().len(), 1);
    assert_eq!(group["SecurityGroupEgress"][0]["FromPort"], 443);
}

#[test]
fn connected_groups_have_a_rule_each() {
    let template = template(|stack| {
        let network = network(stack);
        let shop = stack.add("Shop", SecurityGroup::new(&network, "shop"));
        let open = SecurityGroup::new(&network, "open").allow_all_outbound();
        let open = stack.add("Open", open);
        let database = SecurityGroup::new(&network, "database").allow_no_outbound();
        let database = stack.add("Database", database);
        database.allow_from(&shop, Port::tcp(5432), "orders");
        database.allow_from(&shop, Port::tcp(5432), "orders");
        database.allow_from(&open, Port::ALL, "everything");
    });
    let ingress = template.all("AWS::EC2::SecurityGroupIngress");
    assert_eq!(ingress.len(), 2);
    let egress = template.properties("AWS::EC2::SecurityGroupEgress");
    let database = template.id(GROUP, "Database");
    assert_eq!(
        egress["DestinationSecurityGroupId"],
        expected!({ "Fn::GetAtt": [database, "GroupId"] })
    );
    assert_eq!(
        (&egress["FromPort"], &egress["ToPort"]),
        (&expected!(5432), &expected!(5432))
    );
    // Without this rule EC2 would let everything out.
    let closed = &template.named(GROUP, "Database")["Properties"]["SecurityGroupEgress"][0];
    assert_eq!(closed["CidrIp"], "255.255.255.255/32");
}

#[test]
fn groups_of_two_stacks_are_connected_from_one() {
    let app = App::new();
    let first = app.stack("S", support::home());
    let network = network(&first);
    let shop = first.add("Shop", SecurityGroup::new(&network, "shop"));
    let second = app.stack("Data", support::home());
    let database = second.add("Database", SecurityGroup::new(&network, "database"));
    database.allow_from(&shop, Port::tcp(5432), "orders");
    let [first, second] = support::templates_of(app, ["S", "Data"]);
    assert!(first.all("AWS::EC2::SecurityGroupEgress").is_empty());
    assert_eq!(second.all("AWS::EC2::SecurityGroupEgress").len(), 1);
}

fn servers() -> LaunchTemplate {
    LaunchTemplate::new(Image::amazon_linux_2023(Architecture::Arm64), "t4g.small")
}

#[test]
fn servers_start_encrypted_with_session_tokens_and_without_rights() {
    let template = template(|stack| {
        let servers = servers().user_data(UserData::bash().line("systemctl start shop"));
        stack.add("Servers", servers);
    });
    let profile = template.id("AWS::IAM::InstanceProfile", "Servers");
    assert_eq!(
        template.properties(TEMPLATE)["LaunchTemplateData"],
        expected!({
            "BlockDeviceMappings": [{
                "DeviceName": "/dev/xvda",
                "Ebs": { "DeleteOnTermination": true, "Encrypted": true, "VolumeType": "gp3" }
            }],
            "IamInstanceProfile": { "Arn": { "Fn::GetAtt": [profile, "Arn"] } },
            "ImageId": "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64}}",
            "InstanceType": "t4g.small",
            "MetadataOptions": {
                "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1, "HttpTokens": "required"
            },
            "UserData": { "Fn::Base64": "#!/bin/bash\nset -euo pipefail\nsystemctl start shop\n" }
        })
    );
    assert!(template.all("AWS::IAM::Policy").is_empty());
}

#[test]
fn what_is_granted_to_a_template_its_servers_may_do() {
    let template = template(|stack| {
        let servers = stack.add(
            "Servers",
            servers().managed_by_ssm().server_tag("role", "shop"),
        );
        stack.add("Files", s3::Bucket::new()).grant_read(&servers);
    });
    assert_eq!(
        template.allowing("AWS::IAM::Policy", "s3:GetObject").len(),
        1
    );
    let managed = &template.properties("AWS::IAM::Role")["ManagedPolicyArns"];
    assert!(
        managed
            .to_string()
            .contains("policy/AmazonSSMManagedInstanceCore"),
        "{managed}"
    );
    let tags = &template.properties(TEMPLATE)["LaunchTemplateData"]["TagSpecifications"];
    assert_eq!(tags[0]["ResourceType"], "instance");
    assert_eq!(
        tags[1]["Tags"],
        expected!([{ "Key": "role", "Value": "shop" }])
    );
}

fn refused(code: &str, parts: &[&str], build: impl FnOnce(&Stack)) {
    assert_error(&findings(build), code, parts);
}

#[test]
fn what_ec2_refuses_is_told() {
    for (range, part) in [
        ("10.0.0.0", "got \"10.0.0.0\""),
        ("10.0.0.1/16", "got \"10.0.0.1/16\""),
    ] {
        refused("CW1611", &[part], |stack| {
            stack.add("Network", Vpc::new(range));
        });
    }
    for (network, part) in [
        (Vpc::new("10.0.0.0/8"), "16 to 22 bits"),
        (Vpc::new("10.0.0.0/24"), "16 to 22 bits"),
        (Vpc::new("10.0.0.0/16").availability_zones(0), "got 0"),
        (Vpc::new("10.0.0.0/16").availability_zones(7), "got 7"),
    ] {
        refused("CW1002", &[part], |stack| {
            stack.add("Network", network);
        });
    }
    refused("CW1611", &["got \"S3!\""], |stack| {
        network(stack).interface_endpoint("S3!");
    });
    let old = |stack: &Stack| Vpc::import(stack, "Old", "vpc-1", ["subnet-1"]);
    refused("CW1611", &["where the network is made"], |stack| {
        old(stack).gateway_endpoint(GatewayService::S3);
    });
    refused("CW1611", &[".with_range("], |stack| {
        old(stack).interface_endpoint("ssm");
    });
    refused("CW1611", &["got none"], |stack| {
        Vpc::import(stack, "Old", "vpc-1", Vec::<String>::new());
    });
    refused("CW1611", &["\"it's\""], |stack| {
        stack.add("Group", SecurityGroup::new(&network(stack), "it's"));
    });
    refused("CW1611", &["got \"large\""], |stack| {
        let image = Image::amazon_linux_2023(Architecture::X86_64);
        stack.add("Servers", LaunchTemplate::new(image, "large"));
    });
    refused("CW1002", &["16384 bytes", "got 170"], |stack| {
        let script = UserData::bash().line("x".repeat(17_000));
        stack.add("Servers", servers().user_data(script));
    });
    refused("CW1002", &["got 0"], |stack| {
        stack.add("Servers", servers().disk(0));
    });
    refused("CW1103", &[".managed_by_ssm()"], |stack| {
        let role = support::worker(stack);
        stack.add("Servers", servers().role(&role).managed_by_ssm());
    });
}

#[test]
fn servers_that_everybody_may_log_in_to_are_told() {
    for port in [Port::tcp(22), Port::tcp_range(3000, 4000), Port::ALL] {
        let found = findings(|stack| {
            let open = SecurityGroup::new(&network(stack), "open");
            let open = open.allow_from_range("0.0.0.0/0", port, "anybody");
            stack.add("Open", open);
        });
        assert_warning(&found, "CW1612", &["Session Manager"]);
    }
    let found = findings(|stack| {
        let web = SecurityGroup::new(&network(stack), "web");
        let web = web.allow_from_range("0.0.0.0/0", Port::HTTPS, "anybody");
        stack.add(
            "Web",
            web.allow_from_range("192.0.2.7/32", Port::tcp(22), "me"),
        );
    });
    assert!(found.is_empty(), "{found}");
}

#[test]
fn the_form_of_what_exists_already_is_shown_once() {
    for (id, form) in [("sg-1234", "sg-("), ("default", "the form sg-[")] {
        let found = findings(|stack| {
            let network = Vpc::import(
                stack,
                "Old",
                "vpc-0123456789abcdef0",
                ["subnet-0123456789abcdef0"],
            );
            let group = SecurityGroup::import(stack, "Group", id);
            let code = lambda::Code::s3("releases", "shop.zip");
            let subnets: Vec<_> = network.private_subnets().iter().collect();
            stack.add("Shop", lambda::Function::new(code).vpc(subnets, [&group]));
        });
        assert_error(&found, "CW0303", &[id, form]);
    }
    let found = findings(|stack| {
        stack.add("Key", kms::Key::new().alias("shop"));
    });
    assert_error(&found, "CW0303", &["alias/"]);
}
