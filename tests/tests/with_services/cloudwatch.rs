//! Alarms.

use cloudwright::cloudwatch::{
    Alarm, AlarmRule, Comparison, CompositeAlarm, Dashboard, MathExpression, Metric, MissingData,
    Statistic, Unit, Widget,
};
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let operators = stack.add("Operators", sns::Topic::new());
    let latency = || {
        Metric::new("Shop", "Latency")
            .dimension("Country", "DE")
            .statistic(Statistic::Percentile(99.9))
            .period(minutes(1))
            .unit(Unit::Milliseconds)
            .label("latency, ms")
    };
    let slow = Alarm::new(latency(), Comparison::Above(250.5))
        .evaluation_periods(5)
        .datapoints_to_alarm(3)
        .missing_data(MissingData::Missing)
        .description("customers wait: look at the traces")
        .alarm_name(format!("{}-slow", stack.id()))
        .on_alarm(&operators)
        .on_ok(&operators)
        .on_insufficient_data(&operators);
    let slow = stack.add("Slow", slow);
    let orders = Metric::new("Shop", "Orders").statistic(Statistic::Sum);
    let share = MathExpression::new("slow / orders")
        .using("slow", latency())
        .using("orders", orders.clone().period(minutes(1)))
        .label("milliseconds for each order");
    stack.add("Share", Alarm::new(share, Comparison::AtLeast(1.0)));
    let constant = MathExpression::new("TIME_SERIES(1)").period(minutes(5));
    stack.add("Always", Alarm::new(constant, Comparison::AtMost(1.0)));
    let idle = Alarm::new(orders.period(hours(1)), Comparison::Below(1.0));
    let idle = stack.add("Idle", idle.missing_data(MissingData::Breaching));
    let fast = latency().statistic(Statistic::Maximum).period(seconds(10));
    let fast = Alarm::new(fast, Comparison::Above(1.0));
    stack.add("Fast", fast.missing_data(MissingData::Ignore));

    let both = AlarmRule::all([
        AlarmRule::alarm(&slow),
        AlarmRule::not(AlarmRule::alarm(&idle)),
    ]);
    let either = AlarmRule::any([both, AlarmRule::alarm(&slow)]);
    let worst = CompositeAlarm::new(either)
        .alarm_name(format!("{}-worst", stack.id()))
        .description("people order, and wait")
        .on_alarm(&operators)
        .on_ok(&operators)
        .suppressed_by(&idle, minutes(1), minutes(2));
    stack.add("Worst", worst);
    let page = Dashboard::new()
        .dashboard_name(format!("{}-page", stack.id()))
        .row([
            Widget::text("# The \"Shop\""),
            Widget::alarms("State", [&slow, &idle]),
        ])
        .row([
            Widget::graph("Latency", [latency()]).height(8),
            Widget::numbers("Now", [latency()]),
        ]);
    stack.add("Page", page);
}
