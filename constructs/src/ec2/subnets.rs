//! The subnets of a network, and where their traffic goes.

use cloudwright_synth::intrinsic::{azs, select};
use cloudwright_synth::{Json, ResourceRef, Scope, Value};

use super::range::Range;
use super::{Nat, SubnetRef};
use crate::acknowledge::{Finding, residuals};
use crate::cfn;

/// A subnet of a zone is one of so many parts, in bits.
const PART: u32 = 3;
/// Which of these parts holds the public subnets of all zones, which are parts of it.
const PUBLIC: u32 = 6;
/// Everywhere.
const ANYWHERE: &str = "0.0.0.0/0";

/// What a network is made of.
pub(super) struct Layout {
    pub(super) scope: Scope,
    pub(super) vpc: cfn::ec2::VpcRef,
    pub(super) zones: u32,
    pub(super) nat: Nat,
    pub(super) public: bool,
}

/// The subnets, and the tables that say where their traffic goes.
#[derive(Clone, Default)]
pub(super) struct Made {
    pub(super) private: Vec<SubnetRef>,
    pub(super) public: Vec<SubnetRef>,
    pub(super) tables: Vec<cfn::ec2::RouteTableRef>,
    /// The routes to the internet.
    pub(super) ways: Vec<cfn::ec2::RouteRef>,
}

impl Layout {
    pub(super) fn make(&self, range: Range) -> Made {
        let mut made = Made::default();
        let gateway = (self.public || self.nat != Nat::None).then(|| self.gateway());
        let mut nats = Vec::new();
        for zone in 0..self.zones {
            if let Some(gateway) = &gateway {
                let part = range.part(PART, PUBLIC).part(PART, zone);
                let (place, subnet, table) = self.subnet("Public", zone, part);
                made.ways.push(self.route_out(&place, &table, gateway));
                if self.nat == Nat::PerZone || (self.nat == Nat::One && zone == 0) {
                    nats.push(nat(&place, &subnet, gateway));
                }
                made.public.push(SubnetRef::owned(subnet));
                made.tables.push(table);
            }
            let (place, subnet, table) = self.subnet("Private", zone, range.part(PART, zone));
            if let Some(nat) = nats.last() {
                let route = cfn::ec2::Route::new(&table)
                    .destination_cidr_block(ANYWHERE)
                    .nat_gateway_id(nat);
                made.ways.push(place.add("WayOut", route));
            }
            made.private.push(SubnetRef::owned(subnet));
            made.tables.push(table);
        }
        made
    }

    /// A subnet of a zone with a table of its own.
    fn subnet(
        &self,
        kind: &str,
        zone: u32,
        range: Range,
    ) -> (Scope, cfn::ec2::SubnetRef, cfn::ec2::RouteTableRef) {
        let place = self.scope.place(format!("{kind}{}", zone + 1));
        let name = format!("{}/{kind}{}", self.scope.path(), zone + 1);
        place.tag("Name", name);
        let zones = azs(self.scope.region());
        let subnet = cfn::ec2::Subnet::new(&self.vpc)
            .availability_zone(select::<String>(i64::from(zone), zones))
            .cidr_block(range.text())
            .map_public_ip_on_launch(false);
        let subnet = place.add("Subnet", subnet);
        let table = place.add("RouteTable", cfn::ec2::RouteTable::new(&self.vpc));
        let link = cfn::ec2::SubnetRouteTableAssociation::new(&table, &subnet);
        place.add("RouteTableAssociation", link);
        (place, subnet, table)
    }

    /// The gateway to the internet.
    fn gateway(&self) -> Gateway {
        let place = self.scope.place("Internet");
        let gateway = place.add("Gateway", cfn::ec2::InternetGateway::new());
        let attachment =
            cfn::ec2::VpcGatewayAttachment::new(&self.vpc).internet_gateway_id(&gateway);
        Gateway {
            attachment: place.add("Attachment", attachment),
            gateway,
        }
    }

    fn route_out(
        &self,
        place: &Scope,
        table: &cfn::ec2::RouteTableRef,
        gateway: &Gateway,
    ) -> cfn::ec2::RouteRef {
        let id: Json = gateway.gateway.handle().reference();
        let route = cfn::ec2::Route::new(table)
            .destination_cidr_block(ANYWHERE)
            .gateway_id(Value::<String>::from_json(id));
        let route = place.add("WayOut", route);
        residuals(place, &[Finding::PublicRoute]);
        // A route to a gateway that is not attached yet is refused.
        route.depends_on(&gateway.attachment);
        route
    }
}

struct Gateway {
    gateway: cfn::ec2::InternetGatewayRef,
    attachment: cfn::ec2::VpcGatewayAttachmentRef,
}

fn nat(place: &Scope, subnet: &cfn::ec2::SubnetRef, gateway: &Gateway) -> cfn::ec2::NatGatewayRef {
    let address = cfn::ec2::Eip::new().domain("vpc");
    let address = place.add("NatAddress", address);
    address.depends_on(&gateway.attachment);
    let nat = cfn::ec2::NatGateway::new()
        .subnet_id(subnet)
        .allocation_id(address.allocation_id());
    let nat = place.add("Nat", nat);
    nat.depends_on(&gateway.attachment);
    nat
}
