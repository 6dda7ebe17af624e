//! A private Python package index in two regions: packages may be uploaded to either, and the
//! pypicloud server of each sees them all.

use std::process::ExitCode;

use cloudwright::patterns::PackageIndex;
use cloudwright::prelude::*;
use cloudwright::sns::Subscription;

fn main() -> ExitCode {
    cloudwright::main(|app| {
        app.tag("project", "pypi");
        let home = Environment::new("111111111111", "eu-central-1");
        let stack = app.stack("PyPI", home);

        let packages = PackageIndex::in_regions(["us-west-2"])
            .two_way()
            .prefix("packages/")
            // What no event told is found at night.
            .index_with(|index, _region| index.rebuild_at("cron(15 3 * * ? *)"));
        let packages = stack.add("Packages", packages);

        for index in packages.indexes() {
            let place = index.scope();
            // An alarm tells a topic of its own region.
            let admin = place.add("Admin", sns::Topic::new());
            admin.subscribe(Subscription::email("admin@example.com"));
            index.alarms(&admin);
            let stack = index.bucket().scope().stack();
            stack.output("Bucket", index.bucket().name());
        }
        Ok(())
    })
}
