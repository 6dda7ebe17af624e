//! How the programs of `cloudwright-runtime` are built.

use cloudwright_bundle::{Handlers, RuntimeRecipe, Target};

#[test]
fn only_what_aborts_loses_its_unwind_tables() {
    let only = Handlers::Only("replicate".to_owned());
    for (handlers, keeps) in [
        (Handlers::Every, false),
        (Handlers::Worker, false),
        (only, true),
    ] {
        let recipe = RuntimeRecipe {
            version: "1.0.0".to_owned(),
            target: Target::Arm64,
            handlers,
        };
        assert_eq!(recipe.keeps_unwind_tables(), keeps, "{recipe:?}");
        let panic = format!("profile.{}.panic", recipe.profile());
        let aborts = recipe.settings().contains(&(&*panic, "\"abort\""));
        assert!(keeps || aborts, "{recipe:?}");
    }
}
