//! Nested stacks: their templates become assets of the stack that deploys them.

use crate::asset::{Asset, qualifier_at};
use crate::json::Json;
use crate::resolve::Draft;
use crate::tree::Tree;

/// Renders nested templates from the inside out and points their deploying resources at them.
pub(crate) fn embed(tree: &mut Tree, drafts: &mut [Draft]) {
    for index in (0..drafts.len()).rev() {
        let stack = drafts[index].node;
        let Some(deployer) = tree.stack(stack).and_then(|data| data.nested) else {
            continue;
        };
        let content = drafts[index].template.to_json().into_bytes();
        let asset = Asset::from_content(
            content,
            "json".to_owned(),
            tree.path(stack),
            qualifier_at(tree, stack),
        );
        let url = template_url(&asset);
        let parent = tree.node(deployer).stack;
        for draft in drafts.iter_mut().filter(|draft| Some(draft.node) == parent) {
            let resources = draft.template.resources.iter_mut();
            for resource in resources.filter(|resource| resource.node == deployer) {
                resource.properties.set("TemplateURL", url.clone());
            }
        }
        if let Some(top) = tree.top_stack(stack).and_then(|top| tree.stack_mut(top)) {
            top.assets.push(asset);
        }
    }
}

fn template_url(asset: &Asset) -> Json {
    let bucket = format!(
        "cdk-{}-assets-${{AWS::AccountId}}-${{AWS::Region}}",
        asset.qualifier
    );
    let url = format!(
        "https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{bucket}/{}",
        asset.file_name()
    );
    Json::function("Fn::Sub", Json::Text(url.into()))
}
