//! Networks, security groups and launch templates.

use cloudwright::ec2::{
    GatewayService, Image, LaunchTemplate, Nat, Port, SecurityGroup, UserData, Vpc,
};
use cloudwright::lambda::Architecture;
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let network = Vpc::new("10.0.0.0/16")
        .availability_zones(3)
        .nat(Nat::PerZone)
        .public_subnets()
        .flow_logs()
        .removal_policy(RemovalPolicy::Retain);
    let network = stack.add("Network", network);
    network.gateway_endpoint(GatewayService::S3);
    network.gateway_endpoint(GatewayService::DynamoDb);
    network.interface_endpoint("ssm").interface_endpoint("logs");
    let cheap = stack.add("Cheap", Vpc::new("10.1.0.0/22").nat(Nat::One));
    let old = Vpc::import(
        stack,
        "Old",
        "vpc-0123456789abcdef0",
        ["subnet-0123456789abcdef0"],
    );
    old.with_range("10.2.0.0/16").interface_endpoint("ssm");
    let shop = SecurityGroup::new(&network, "the servers of the shop")
        .security_group_name(format!("{}-shop", stack.id()))
        .allow_from_range("10.0.0.0/8", Port::tcp_range(8000, 8080), "the office")
        .allow_from_range("fd00::/8", Port::HTTP, "the office")
        .allow_to_range("192.0.2.0/24", Port::udp(514), "logs")
        .allow_all_outbound();
    let shop = stack.add("Shop", shop);
    let database = SecurityGroup::new(&cheap, "the database").allow_no_outbound();
    let database = stack.add("Database", database);
    database.allow_from(&shop, Port::tcp(5432), "orders");
    let imported = SecurityGroup::import(stack, "Partner", "sg-0123456789abcdef0");
    imported.allow_from(&database, Port::udp_range(5000, 5010), "reports");
    let key = stack.add("Key", kms::Key::new());
    let role = iam::Role::assumed_by(Principal::service("ec2.amazonaws.com"));
    let role = stack.add("Role", role);
    let image = Image::amazon_linux_2023(Architecture::Arm64).first_disk("/dev/xvda");
    let servers = LaunchTemplate::new(image, "t4g.small")
        .launch_template_name(format!("{}-servers", stack.id()))
        .security_group(&shop)
        .role(&role)
        .user_data(UserData::bash().line("echo").lines(["true"]))
        .disk(30)
        .encrypted_with(&key)
        .server_tag("role", "shop")
        .metadata_hops(2)
        .detailed_monitoring()
        .spot();
    stack.add("Servers", servers);
    let image = Image::by_id("ami-0123456789abcdef0");
    let managed = LaunchTemplate::new(image, "m7i.large").managed_by_ssm();
    stack.add("Managed", managed);
}
