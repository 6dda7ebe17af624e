//! Dashboards: graphs of metrics, alarms and texts on one page.

use cloudwright_synth::{Construct, Json, Scope, Text, Value};

use super::{AlarmRef, Metric};
use crate::{cfn, defaults, rules};

/// How wide a page is.
const WIDTH: usize = 24;
/// How high a widget is unless said.
const HEIGHT: u32 = 6;

/// A part of a [`Dashboard`].
#[derive(Clone)]
#[must_use = "a widget does nothing until a dashboard has it"]
pub struct Widget {
    kind: &'static str,
    title: Text,
    metrics: Vec<Metric>,
    alarms: Vec<Json>,
    markdown: Text,
    view: &'static str,
    height: u32,
}

impl Widget {
    /// A graph of metrics over time.
    pub fn graph(title: impl Into<Text>, metrics: impl IntoIterator<Item = Metric>) -> Self {
        let mut widget = Self::new("metric", title.into());
        widget.metrics = metrics.into_iter().collect();
        widget
    }

    /// The last values of metrics, as numbers.
    pub fn numbers(title: impl Into<Text>, metrics: impl IntoIterator<Item = Metric>) -> Self {
        let mut widget = Self::graph(title, metrics);
        widget.view = "singleValue";
        widget
    }

    /// The states of alarms.
    pub fn alarms<'a>(
        title: impl Into<Text>,
        alarms: impl IntoIterator<Item = &'a AlarmRef>,
    ) -> Self {
        let mut widget = Self::new("alarm", title.into());
        let alarms = alarms.into_iter();
        widget.alarms = alarms.map(|alarm| alarm.arn().as_json().clone()).collect();
        widget
    }

    /// A text in Markdown.
    pub fn text(markdown: impl Into<Text>) -> Self {
        let mut widget = Self::new("text", "".into());
        widget.markdown = markdown.into();
        widget
    }

    const fn new(kind: &'static str, title: Text) -> Self {
        Self {
            kind,
            title,
            metrics: Vec::new(),
            alarms: Vec::new(),
            markdown: Text::Borrowed(""),
            view: "timeSeries",
            height: HEIGHT,
        }
    }

    /// How high it is: 1 to 1,000 units, and 6 unless said.
    pub const fn height(mut self, units: u32) -> Self {
        self.height = units;
        self
    }

    fn properties(&self, scope: &Scope) -> Json {
        let title = || ("title", Json::Text(self.title.clone()));
        match self.kind {
            "text" => Json::map([("markdown", Json::Text(self.markdown.clone()))]),
            "alarm" => Json::map([title(), ("alarms", Json::List(self.alarms.clone()))]),
            _ => {
                let lines = self.metrics.iter().map(|metric| metric.line(scope));
                Json::map([
                    title(),
                    ("metrics", Json::List(lines.collect())),
                    ("region", scope.region().as_json().clone()),
                    ("view", Json::Text(self.view.into())),
                ])
            }
        }
    }
}

/// A page of graphs ([AWS](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html)).
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::cloudwatch::{Dashboard, Widget};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// # let operators = stack.add("Operators", sns::Topic::new());
/// # let orders = stack.add("Orders", lambda::Function::new(lambda::Code::s3("releases", "orders.zip")));
/// let errors = orders.alarm_on_errors(&operators);
/// stack.add("Page", Dashboard::new()
///     .row([Widget::text("# Orders"), Widget::alarms("State", [&errors])])
///     .row([Widget::graph("Calls", [orders.metric_invocations(), orders.metric_errors()])]));
/// # app.synth().unwrap();
/// ```
#[derive(Clone, Default)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Dashboard {
    name: Option<Text>,
    rows: Vec<Vec<Widget>>,
}

impl Dashboard {
    /// An empty page.
    pub const fn new() -> Self {
        Self {
            name: None,
            rows: Vec::new(),
        }
    }

    /// A fixed name: letters, digits, `-` and `_`. Without one CloudFormation makes a unique name. A change replaces the
    /// dashboard.
    pub fn dashboard_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds a row of widgets, which share its width.
    pub fn row(mut self, widgets: impl IntoIterator<Item = Widget>) -> Self {
        self.rows.push(widgets.into_iter().collect());
        self
    }

    fn body(&self, scope: &Scope) -> Json {
        let (mut widgets, mut top) = (Vec::new(), 0);
        for row in &self.rows {
            if row.is_empty() || row.len() > WIDTH {
                let message = format!("a row has 1 to {WIDTH} widgets, got {}", row.len());
                let help = "split it into several rows";
                scope.error(&rules::OUT_OF_RANGE, message, help);
            }
            let width = WIDTH / row.len().max(1);
            let number = |number: usize| Json::Int(i64::try_from(number).unwrap_or_default());
            for (index, widget) in row.iter().enumerate() {
                widgets.push(Json::map([
                    ("type", Json::Text(widget.kind.into())),
                    ("x", number(index * width)),
                    ("y", Json::Int(top)),
                    ("width", number(width)),
                    ("height", Json::Int(i64::from(widget.height))),
                    ("properties", widget.properties(scope)),
                ]));
            }
            let highest = row.iter().map(|widget| widget.height).max();
            top += i64::from(highest.unwrap_or_default());
        }
        Json::map([("widgets", Json::List(widgets))])
    }
}

/// A document as JSON text, in which tokens stand as texts: names, ARNs and regions need no escape.
fn as_text(document: &Json, parts: &mut Vec<Json>) {
    let text = |text: &str| Json::Text(Text::Owned(text.to_owned()));
    match document {
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                parts.push(text(if index == 0 { "[" } else { "," }));
                as_text(item, parts);
            }
            parts.push(text(if items.is_empty() { "[]" } else { "]" }));
        }
        Json::Map(members) => {
            for (index, (name, value)) in members.iter().enumerate() {
                let before = if index == 0 { "{" } else { "," };
                parts.push(text(&format!(
                    "{before}{}:",
                    serde_json::Value::from(&**name)
                )));
                as_text(value, parts);
            }
            parts.push(text(if members.is_empty() { "{}" } else { "}" }));
        }
        Json::Token(_) => parts.extend([text("\""), document.clone(), text("\"")]),
        plain => {
            let plain = plain.literal().unwrap_or_default();
            parts.push(text(&plain.to_string()));
        }
    }
}

impl Construct for Dashboard {
    type Handle = DashboardRef;

    fn construct(mut self, scope: &Scope) -> DashboardRef {
        self.name = self.name.or_else(|| defaults::name(scope, 255));
        let mut parts = Vec::new();
        as_text(&self.body(scope), &mut parts);
        let body = Value::<String>::from_json(Json::concat(parts));
        let mut l1 = cfn::cloudwatch::Dashboard::new(body);
        if let Some(name) = self.name {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            if name.is_empty() || !name.bytes().all(allowed) {
                let message =
                    format!("a dashboard's name has letters, digits, `-` and `_`, got \"{name}\"");
                scope.error(
                    &rules::BAD_NAME,
                    message,
                    "choose another name, or leave it out",
                );
            }
            l1 = l1.dashboard_name(name);
        }
        DashboardRef {
            scope: scope.clone(),
            cfn: scope.add("Resource", l1),
        }
    }
}

/// The handle of a [`Dashboard`].
#[derive(Clone)]
pub struct DashboardRef {
    scope: Scope,
    cfn: cfn::cloudwatch::DashboardRef,
}

impl DashboardRef {
    /// The dashboard's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::cloudwatch::DashboardRef {
        &self.cfn
    }
}
