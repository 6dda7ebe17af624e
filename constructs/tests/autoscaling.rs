//! Groups that replace what fails and exchange what is old.

mod support;

use cloudwright::autoscaling::{Group, RollingUpdate};
use cloudwright::ec2::{Image, LaunchTemplate, LaunchTemplateRef, Vpc, VpcRef};
use cloudwright::lambda::Architecture;
use cloudwright::prelude::*;
use serde_json::json as expected;
use support::{assert_error, findings, strict_template, template};

const GROUP: &str = "AWS::AutoScaling::AutoScalingGroup";

fn servers(stack: &Stack) -> (VpcRef, LaunchTemplateRef) {
    let image = Image::amazon_linux_2023(Architecture::Arm64);
    let network = stack.add("Network", Vpc::new("10.0.0.0/16"));
    (
        network,
        stack.add("Servers", LaunchTemplate::new(image, "t4g.small")),
    )
}

#[test]
fn a_group_is_over_all_private_subnets_and_exchanges_servers_one_by_one() {
    let template = template(|stack| {
        let (network, servers) = servers(stack);
        let shop = Group::new(&network, &servers, 2..=6).tag("role", "shop");
        stack.add("Shop", shop);
    });
    let group = template.one(GROUP);
    let properties = &group["Properties"];
    let launch = template.id("AWS::EC2::LaunchTemplate", "Servers");
    assert_eq!(
        properties["LaunchTemplate"],
        expected!({
            "LaunchTemplateId": { "Ref": launch },
            "Version": { "Fn::GetAtt": [launch, "LatestVersionNumber"] }
        })
    );
    assert_eq!(
        (&properties["MinSize"], &properties["MaxSize"]),
        (&expected!("2"), &expected!("6"))
    );
    assert_eq!(properties["DesiredCapacity"], serde_json::Value::Null);
    assert_eq!(properties["VPCZoneIdentifier"].as_array().unwrap().len(), 2);
    assert_eq!(
        properties["Tags"],
        expected!([{ "Key": "role", "Value": "shop", "PropagateAtLaunch": true }])
    );
    let update = &group["UpdatePolicy"]["AutoScalingRollingUpdate"];
    assert_eq!(update["MaxBatchSize"], 1);
    assert_eq!(update["MinInstancesInService"], 2);
    assert_eq!(update["WaitOnResourceSignals"], serde_json::Value::Null);
}

#[test]
fn tags_of_the_stack_reach_the_servers_too() {
    let template = template(|stack| {
        let (network, servers) = servers(stack);
        stack.tag("team", "shop");
        stack.add("Shop", Group::new(&network, &servers, 1..=2));
    });
    let tags = &template.properties(GROUP)["Tags"];
    assert_eq!(tags[0]["PropagateAtLaunch"], true);
}

#[test]
fn servers_that_say_when_they_are_ready_are_waited_for() {
    let template = template(|stack| {
        let (network, servers) = servers(stack);
        let update = RollingUpdate::new().at_once(2).signals(seconds(90));
        let shop = Group::new(&network, &servers, 2..=2).rolling_update(update);
        stack.add("Shop", shop);
    });
    let group = template.one(GROUP);
    let update = &group["UpdatePolicy"]["AutoScalingRollingUpdate"];
    assert_eq!(update["PauseTime"], "PT90S");
    assert_eq!(update["WaitOnResourceSignals"], true);
    // A group that cannot grow has to let one go.
    assert_eq!(update["MinInstancesInService"], 1);
    assert_eq!(
        group["CreationPolicy"],
        expected!({ "ResourceSignal": { "Count": 2, "Timeout": "PT90S" } })
    );
}

#[test]
fn the_service_may_start_servers_with_a_key_of_ones_own() {
    let template = strict_template(|stack| {
        let (network, servers) = servers(stack);
        stack.add("Shop", Group::new(&network, &servers, 1..=2));
    });
    let key = template.properties("AWS::KMS::Key");
    let statements = key["KeyPolicy"]["Statement"].as_array().unwrap();
    let launcher = "AWSServiceRoleForAutoScaling";
    let of_service = statements
        .iter()
        .filter(|one| one.to_string().contains(launcher));
    let actions: Vec<_> = of_service.map(|one| one["Action"].to_string()).collect();
    assert_eq!(actions.len(), 2, "{actions:?}");
    for statement in statements
        .iter()
        .filter(|one| one.to_string().contains(launcher))
    {
        // The account alone would only let its own policies decide, and the service's has none for keys.
        assert!(
            statement["Principal"].to_string().contains("\"*\""),
            "{statement}"
        );
        let account = &statement["Condition"]["StringEquals"]["aws:PrincipalAccount"];
        assert_eq!(account, "123456789012");
    }
    assert!(
        actions
            .iter()
            .any(|action| action.contains("kms:CreateGrant"))
    );
}

#[test]
fn groups_scale_and_tell() {
    let template = template(|stack| {
        let (network, servers) = servers(stack);
        let shop = stack.add("Shop", Group::new(&network, &servers, 2..=6));
        let operators = stack.add("Operators", sns::Topic::new());
        shop.scale_on_cpu(60.0);
        shop.alarm_when_fewer_than(2, &operators);
    });
    let policy = template.properties("AWS::AutoScaling::ScalingPolicy");
    assert_eq!(policy["TargetTrackingConfiguration"]["TargetValue"], 60.0);
    let alarm = template.properties("AWS::CloudWatch::Alarm");
    let name = template.id(GROUP, "Shop");
    assert_eq!(
        alarm["Dimensions"],
        expected!([{ "Name": "AutoScalingGroupName", "Value": { "Ref": name } }])
    );
    assert_eq!(alarm["TreatMissingData"], "breaching");
}

fn refused(code: &str, parts: &[&str], build: impl FnOnce(&VpcRef, &LaunchTemplateRef) -> Group) {
    let found = findings(|stack| {
        let (network, servers) = servers(stack);
        stack.add("Shop", build(&network, &servers));
    });
    assert_error(&found, code, parts);
}

#[test]
fn what_no_group_can_be_is_told() {
    #[allow(clippy::reversed_empty_ranges, reason = "the mistake that is told")]
    refused(
        "CW1002",
        &["at least 6 and at most 2"],
        |network, servers| Group::new(network, servers, 6..=2),
    );
    refused("CW1002", &["cannot start with 9"], |network, servers| {
        Group::new(network, servers, 2..=6).desired(9)
    });
    refused("CW1103", &["6 have to stay"], |network, servers| {
        let update = RollingUpdate::new().in_service(6);
        Group::new(network, servers, 2..=6).rolling_update(update)
    });
    refused("CW1103", &["not for both"], |network, servers| {
        let update = RollingUpdate::new().signals(minutes(1)).pause(minutes(1));
        Group::new(network, servers, 2..=6).rolling_update(update)
    });
    refused("CW1002", &["got 0"], |network, servers| {
        Group::new(network, servers, 2..=6).rolling_update(RollingUpdate::new().at_once(0))
    });
    refused(
        "CW1002",
        &["a server's lifetime", "got 60"],
        |network, servers| Group::new(network, servers, 2..=6).maximum_lifetime(minutes(1)),
    );
    refused("CW1103", &["no public subnets"], |network, servers| {
        Group::new(network, servers, 2..=6).in_public_subnets()
    });
}
