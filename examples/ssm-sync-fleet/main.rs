//! What an upload starts on servers: web servers whose content is a bucket, and an old application that
//! takes in a batch of files when the last of them says that all are there.

use std::process::ExitCode;

use cloudwright::ec2::{GatewayService, Image, Nat, Vpc};
use cloudwright::lambda::Architecture;
use cloudwright::patterns::ssm_sync_fleet::{Directory, Fleet, object_parameters};
use cloudwright::prelude::*;
use cloudwright::sns::Subscription;
use cloudwright::ssm::{Document, Servers, Step};

/// The role of the servers of the old application, which exist already.
const ERP_ROLE: &str = "arn:aws:iam::111111111111:role/erp-servers";

fn main() -> ExitCode {
    cloudwright::main(|app| {
        let stack = app.stack("Shop", Environment::new("111111111111", "eu-central-1"));
        let operators = stack.add("Operators", sns::Topic::new());
        operators.subscribe(Subscription::email("operators@example.com"));

        // Web servers: what is in the bucket is in the directory of each, also of those that come later.
        let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
        network.gateway_endpoint(GatewayService::S3);
        let image = Image::amazon_linux_2023(Architecture::Arm64);
        let servers = Fleet::new(&network, image, "t4g.small", 2..=4)
            .start_with(["dnf install -y nginx", "systemctl enable --now nginx"]);
        let content = Directory::new("/usr/share/nginx/html").mirror();
        let web = SsmSyncFleet::new(content)
            .fleet(servers)
            .status_events_to(&operators);
        let web = stack.add("Web", web);
        web.alarms(&operators);

        // The old application: it runs once for each batch, on servers that were there before.
        let import = [
            "#!/bin/bash",
            "set -euo pipefail",
            "batch=$(mktemp -d /var/erp/batch.XXXXXXXX)",
            "aws s3 cp --recursive --only-show-errors \"s3://$SSM_S3Bucket/${SSM_S3Key%/*}/\" \"$batch\"",
            "exec /opt/erp/bin/import \"$batch\"",
        ];
        let import = Step::shell("Import", import).timeout(hours(2));
        let document = Document::command("Imports a batch of orders").step(import);
        let document = object_parameters()
            .into_iter()
            .fold(document, Document::parameter);
        let document = stack.add("Import", document);
        let batches = SsmSyncFleet::run_document(&document)
            .on_marker("batch-complete.txt")
            .prefix("orders/")
            .servers(Servers::tagged("role", "erp"))
            .status_events_to(&operators);
        let batches = stack.add("Batches", batches);
        batches.grant_servers(&iam::Role::import(&stack, "ErpServers", ERP_ROLE));
        batches.alarms(&operators);

        stack.output("ContentBucket", web.bucket().name());
        stack.output("OrdersBucket", batches.bucket().name());
        Ok(())
    })
}
