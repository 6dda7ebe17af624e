//! Groups of servers.

use cloudwright::autoscaling::{Group, RollingUpdate};
use cloudwright::ec2::{Image, LaunchTemplate, SecurityGroup, Vpc};
use cloudwright::lambda::Architecture;
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let network = stack.add("Network", Vpc::new("10.0.0.0/16").public_subnets());
    let firewall = stack.add("Firewall", SecurityGroup::new(&network, "the servers"));
    let key = stack.add("Key", kms::Key::new());
    let image = Image::amazon_linux_2023(Architecture::X86_64);
    let servers = LaunchTemplate::new(image, "t3.small")
        .security_group(&firewall)
        .encrypted_with(&key);
    let servers = stack.add("Servers", servers);
    let update = RollingUpdate::new()
        .at_once(2)
        .in_service(2)
        .signals(minutes(10));
    let shop = Group::new(&network, &servers, 2..=6)
        .desired(3)
        .in_public_subnets()
        .tag("role", "shop")
        .health_grace(minutes(2))
        .health_by_load_balancer()
        .rolling_update(update)
        .maximum_lifetime(days(30))
        .warmup(minutes(3))
        .protected_from_scale_in()
        .group_name(format!("{}-shop", stack.id()))
        .removal_policy(RemovalPolicy::Destroy);
    let shop = stack.add("Shop", shop);
    let operators = stack.add("Operators", sns::Topic::new());
    shop.scale_on_cpu(60.0);
    shop.alarm_when_fewer_than(2, &operators);
    let quick = RollingUpdate::new().pause(seconds(30));
    stack.add(
        "Quick",
        Group::new(&network, &servers, 0..=1).rolling_update(quick),
    );
    Group::import(stack, "Old", "old").scale_on_cpu(50.5);
}
