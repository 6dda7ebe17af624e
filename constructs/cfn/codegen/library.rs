//! The facts of all services by name, read when first asked for and kept.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use cloudwright_spec::{find_resource, parse_resource};

use super::names;
use super::targets::Target;

/// Where the text of spec files comes from: `"SQS"` yields what `SQS.spec` holds.
pub struct Library<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
    texts: RefCell<BTreeMap<String, Option<Rc<str>>>>,
    targets: RefCell<BTreeMap<String, Option<Rc<Target>>>>,
}

impl<'a> Library<'a> {
    /// A library over a way to read a service's text.
    pub fn new(read: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            read,
            texts: RefCell::default(),
            targets: RefCell::default(),
        }
    }

    /// The text of a service's spec file.
    pub fn text(&self, service: &str) -> Option<Rc<str>> {
        let mut texts = self.texts.borrow_mut();
        if let Some(known) = texts.get(service) {
            return known.clone();
        }
        let text: Option<Rc<str>> = (self.read)(service).map(Rc::from);
        texts.insert(service.to_owned(), text.clone());
        text
    }

    /// What a reference to a resource type may mean; `None` when there are no facts about it.
    pub fn target(&self, type_name: &str) -> Option<Rc<Target>> {
        if let Some(known) = self.targets.borrow().get(type_name) {
            return known.clone();
        }
        let found = self.look_up(type_name).map(Rc::new);
        let mut targets = self.targets.borrow_mut();
        targets.insert(type_name.to_owned(), found.clone());
        found
    }

    fn look_up(&self, type_name: &str) -> Option<Target> {
        let (service, _) = names::parts(type_name)?;
        let text = self.text(service)?;
        let resource = parse_resource(find_resource(&text, type_name)?).ok()?;
        Some(Target::of(&resource))
    }
}
