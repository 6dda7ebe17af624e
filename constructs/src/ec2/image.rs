//! What servers start from.

use cloudwright_synth::intrinsic::ssm_parameter;
use cloudwright_synth::{Json, Text, Value};

use crate::lambda::Architecture;

/// An image (AMI) that servers start from, and the name of its first disk.
#[derive(Clone)]
pub struct Image {
    pub(super) id: Json,
    pub(super) disk: Text,
}

impl Image {
    /// The newest Amazon Linux 2023 for this processor, as AWS
    /// [publishes](https://docs.aws.amazon.com/linux/al2023/ug/ec2.html) it. It is looked up by each deployment, which
    /// then exchanges the servers; the SSM agent and the AWS CLI are part of it.
    #[must_use]
    pub fn amazon_linux_2023(architecture: Architecture) -> Self {
        let processor = match architecture {
            Architecture::Arm64 => "arm64",
            Architecture::X86_64 => "x86_64",
        };
        Self::published(format!(
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{processor}"
        ))
    }

    /// The image whose id a parameter of Systems Manager holds, looked up by each deployment.
    #[must_use]
    pub fn published(parameter: impl Into<Text>) -> Self {
        let id: Value<String> = ssm_parameter(parameter.into());
        Self {
            id: id.as_json().clone(),
            disk: "/dev/xvda".into(),
        }
    }

    /// An image by its id, such as `ami-0123456789abcdef0`. It belongs to one region.
    #[must_use]
    pub fn by_id(id: impl cloudwright_synth::IntoValue<String>) -> Self {
        Self {
            id: id.into_json(),
            disk: "/dev/xvda".into(),
        }
    }

    /// What the image calls its first disk: `/dev/xvda` unless said, `/dev/sda1` in Ubuntu's and Windows's.
    #[must_use]
    pub fn first_disk(mut self, name: impl Into<Text>) -> Self {
        self.disk = name.into();
        self
    }
}
