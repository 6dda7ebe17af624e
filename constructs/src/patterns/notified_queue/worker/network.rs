//! Where the tasks run: nobody comes in, and what they need is reached.

use cloudwright_synth::intrinsic::{azs, select};
use cloudwright_synth::{Id, Scope, Text, Value};

use super::settings::{Place, WayOut, Worker};
use crate::cfn;
use crate::ec2::{GatewayService, Nat, Vpc, VpcRef};

/// The addresses of an own network.
const RANGE: &str = "10.0.0.0/16";
/// What a task asks besides S3: its image, its secrets, its log, and the queue.
const SERVICES: [&str; 5] = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "sqs"];

impl Worker {
    pub(super) fn place(&self, scope: &Scope) -> VpcRef {
        match &self.place {
            Place::Given(network) => network.clone(),
            Place::Own(way) => own(scope, *way),
            Place::Subnets { vpc, table, ranges } => subnets(scope, vpc, table, ranges),
        }
    }
}

/// A network of its own. The gateway of S3 costs nothing, and images and objects come by it.
fn own(scope: &Scope, way: WayOut) -> VpcRef {
    let nat = match way {
        WayOut::Nat | WayOut::NatAndEndpoints => Nat::One,
        WayOut::Endpoints => Nat::None,
    };
    let network = scope.add("Network", Vpc::new(RANGE).nat(nat));
    network.gateway_endpoint(GatewayService::S3);
    if way != WayOut::Nat {
        for service in SERVICES {
            network.interface_endpoint(service);
        }
    }
    network
}

/// Two subnets of somebody's network, in two zones, with the routes of a table that is there.
fn subnets(
    scope: &Scope,
    vpc: &Value<Id<cfn::ec2::Vpc>>,
    table: &Value<Id<cfn::ec2::RouteTable>>,
    ranges: &[Text; 2],
) -> VpcRef {
    let mut made = Vec::new();
    for (zone, range) in ranges.iter().enumerate() {
        let place = scope.place(format!("Private{}", zone + 1));
        place.tag("Name", place.path().to_owned());
        let zones = azs(scope.region());
        let zone = i64::try_from(zone).unwrap_or_default();
        let subnet = cfn::ec2::Subnet::new(vpc)
            .availability_zone(select::<String>(zone, zones))
            .cidr_block(range.clone())
            .map_public_ip_on_launch(false);
        let subnet = place.add("Subnet", subnet);
        let link = cfn::ec2::SubnetRouteTableAssociation::new(table, &subnet);
        place.add("RouteTableAssociation", link);
        made.push(subnet.reference());
    }
    Vpc::import(scope, "Network", vpc, made)
}
