//! What starts in a network waits for the endpoints by which it reaches services, whichever is said first.

use std::cell::RefCell;
use std::rc::Rc;

use cloudwright_synth::Scope;

/// The endpoints of a network, and what starts in it.
#[derive(Clone, Default)]
pub(super) struct Entrances(Rc<RefCell<Known>>);

#[derive(Default)]
struct Known {
    endpoints: Vec<Scope>,
    starting: Vec<Scope>,
}

impl Entrances {
    /// Adds an endpoint, for which all waits that starts in the network.
    pub(super) fn add(&self, endpoint: &Scope) {
        let mut known = self.0.borrow_mut();
        for starting in &known.starting {
            wait(starting, endpoint);
        }
        known.endpoints.push(endpoint.clone());
    }

    /// Adds what starts in the network, which waits for all endpoints.
    #[cfg(any(feature = "autoscaling", feature = "ecs"))]
    pub(super) fn starts(&self, starting: &Scope) {
        let mut known = self.0.borrow_mut();
        for endpoint in &known.endpoints {
            wait(starting, endpoint);
        }
        known.starting.push(starting.clone());
    }
}

/// Endpoints of a network that exists already can be in another stack than what starts in it: the one would be deployed
/// before the other for this alone, and the other might need the one. Stacks of an own network depend on it anyway.
fn wait(starting: &Scope, endpoint: &Scope) {
    if starting.stack().path() == endpoint.stack().path() {
        starting.depends_on(endpoint);
    }
}
