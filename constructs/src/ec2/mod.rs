//! Networks and servers: what EC2 calls VPCs, security groups and launch templates.
//!
//! A [`Vpc`] has private subnets over several availability zones; a way out is asked for: a [`Nat`], or
//! endpoints of single services. A [`SecurityGroup`] lets nothing in and HTTPS out, unless two groups are
//! connected. A [`LaunchTemplate`] says how servers start: with an encrypted disk, with version 2 of the
//! instance metadata service alone, and as a role that it can be granted to.

mod endpoint;
mod entrances;
mod image;
mod launch_template;
mod network;
mod port;
mod range;
mod security_group;
mod server;
mod subnets;
mod user_data;
mod vpc;

pub use endpoint::GatewayService;
pub use image::Image;
pub use launch_template::LaunchTemplate;
pub use network::{SubnetRef, VpcRef};
pub use port::Port;
pub use security_group::{SecurityGroup, SecurityGroupRef};
pub use server::LaunchTemplateRef;
pub use user_data::UserData;
pub use vpc::{Nat, Vpc};
