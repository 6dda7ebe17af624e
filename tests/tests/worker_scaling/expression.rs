//! Metric math, as far as the worker's alarms use it: numbers, names, `+`, `<`, `>` and `IF(..)`.

/// The value of an expression; none if a metric that it names has none.
pub(super) fn value(text: &str, metric: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
    let mut rest = text;
    let value = comparison(&mut rest, metric);
    assert_eq!(rest.trim(), "", "unread in {text:?}");
    value
}

type Metrics<'a> = &'a dyn Fn(&str) -> Option<f64>;

fn comparison(rest: &mut &str, metric: Metrics<'_>) -> Option<f64> {
    let left = sum(rest, metric);
    for (sign, holds) in [("<", f64::lt as fn(&f64, &f64) -> bool), (">", f64::gt)] {
        if take(rest, sign) {
            let right = sum(rest, metric);
            return Some(f64::from(u8::from(holds(&left?, &right?))));
        }
    }
    left
}

fn sum(rest: &mut &str, metric: Metrics<'_>) -> Option<f64> {
    let mut total = term(rest, metric);
    while take(rest, "+") {
        let next = term(rest, metric);
        total = total.zip(next).map(|(one, other)| one + other);
    }
    total
}

fn term(rest: &mut &str, metric: Metrics<'_>) -> Option<f64> {
    if take(rest, "IF(") {
        let condition = comparison(rest, metric);
        assert!(take(rest, ","));
        let yes = comparison(rest, metric);
        assert!(take(rest, ","));
        let no = comparison(rest, metric);
        assert!(take(rest, ")"));
        return if condition? > 0.0 { yes } else { no };
    }
    let text = rest.trim_start();
    let is_word = |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '.');
    let end = text.find(|one| !is_word(one)).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    *rest = after;
    assert_ne!(word, "", "a value is missing before {after:?}");
    word.parse().ok().or_else(|| metric(word))
}

fn take(rest: &mut &str, sign: &str) -> bool {
    match rest.trim_start().strip_prefix(sign) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

#[test]
fn expressions_are_computed_and_what_is_missing_stays_missing() {
    let metric = |name: &str| (name != "none").then_some(if name == "a" { 2.0 } else { 0.5 });
    assert_eq!(value("a + b", &metric), Some(2.5));
    assert_eq!(value("IF(b < 1, a, 0)", &metric), Some(2.0));
    assert_eq!(value("IF(b > 1, a, 0)", &metric), Some(0.0));
    assert_eq!(value("a + none", &metric), None);
    assert_eq!(value("IF(none < 1, a, 0)", &metric), None);
}
