//! CloudWatch and Application Auto Scaling, as the template of a stack tells them to behave.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::expression;

/// What is measured of the queue in one minute, by the names of SQS; nothing when it was idle for long.
pub(crate) type Measured = BTreeMap<&'static str, f64>;

pub(crate) struct Scaler {
    alarms: Vec<Alarm>,
    pub(crate) least: u32,
    pub(crate) most: u32,
}

struct Alarm {
    name: String,
    expression: String,
    /// The metrics by the names that the expression gives them.
    metrics: BTreeMap<String, String>,
    operator: String,
    threshold: f64,
    periods: usize,
    steps: Vec<Step>,
    is_exact: bool,
    cooldown: u64,
    /// Until when it waits after a change, in minutes.
    rests: u64,
}

struct Step {
    from: Option<f64>,
    to: Option<f64>,
    adjustment: i64,
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("no number: {value}"))
}

impl Scaler {
    /// Reads alarms, policies and limits out of a template.
    pub(crate) fn of(template: &Value) -> Self {
        let resources = template["Resources"].as_object().unwrap();
        let of = |kind: &str| {
            let all = resources.iter().filter(move |(_, one)| one["Type"] == kind);
            all.map(|(id, one)| (id.clone(), &one["Properties"]))
                .collect::<Vec<_>>()
        };
        let policies = of("AWS::ApplicationAutoScaling::ScalingPolicy");
        let policy = |alarm: &Value| {
            let action = alarm["AlarmActions"][0].to_string();
            let mut found = policies
                .iter()
                .filter(|(id, _)| action.contains(&format!("\"{id}\"")));
            found
                .next()
                .map(|(_, policy)| &policy["StepScalingPolicyConfiguration"])
        };
        let alarms = of("AWS::CloudWatch::Alarm").into_iter();
        let alarms = alarms.filter_map(|(id, alarm)| Some(Alarm::read(id, alarm, policy(alarm)?)));
        let target = of("AWS::ApplicationAutoScaling::ScalableTarget")[0].1;
        let limit = |name: &str| u32::try_from(target[name].as_u64().unwrap()).unwrap();
        Self {
            alarms: alarms.collect(),
            least: limit("MinCapacity"),
            most: limit("MaxCapacity"),
        }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.alarms.iter().map(|alarm| &*alarm.name).collect()
    }

    /// How many tasks are wanted after a minute of which all before are known.
    pub(crate) fn tasks(&mut self, now: u64, history: &[Measured], tasks: u32) -> u32 {
        let mut wanted = i64::from(tasks);
        for alarm in &mut self.alarms {
            let Some(adjustment) = alarm.adjustment(history).filter(|_| now >= alarm.rests) else {
                continue;
            };
            let next = if alarm.is_exact {
                adjustment
            } else {
                wanted + adjustment
            };
            let next = next.clamp(self.least.into(), self.most.into());
            if next != wanted {
                alarm.rests = now + alarm.cooldown;
                wanted = next;
            }
        }
        u32::try_from(wanted).unwrap()
    }
}

impl Alarm {
    fn read(id: String, alarm: &Value, policy: &Value) -> Self {
        // The model knows only this way to treat what is not measured.
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{id}");
        let mut metrics = BTreeMap::new();
        let mut expression = "m".to_owned();
        let mut period = &alarm["Period"];
        match alarm["Metrics"].as_array() {
            None => drop(metrics.insert(
                "m".to_owned(),
                alarm["MetricName"].as_str().unwrap().to_owned(),
            )),
            Some(queries) => {
                for query in queries {
                    let name = &query["MetricStat"]["Metric"]["MetricName"];
                    match (name.as_str(), query["Expression"].as_str()) {
                        (Some(name), _) => {
                            period = &query["MetricStat"]["Period"];
                            metrics
                                .insert(query["Id"].as_str().unwrap().to_owned(), name.to_owned());
                        }
                        (None, Some(text)) => text.clone_into(&mut expression),
                        (None, None) => panic!("{query}"),
                    }
                }
            }
        }
        assert_eq!(period, 60, "{id}");
        let steps = policy["StepAdjustments"].as_array().unwrap().iter();
        let step = |step: &Value| Step {
            from: step["MetricIntervalLowerBound"].as_f64(),
            to: step["MetricIntervalUpperBound"].as_f64(),
            adjustment: step["ScalingAdjustment"].as_i64().unwrap(),
        };
        Self {
            name: id,
            expression,
            metrics,
            operator: alarm["ComparisonOperator"].as_str().unwrap().to_owned(),
            threshold: number(&alarm["Threshold"]),
            periods: usize::try_from(alarm["EvaluationPeriods"].as_u64().unwrap()).unwrap(),
            steps: steps.map(step).collect(),
            is_exact: policy["AdjustmentType"] == "ExactCapacity",
            cooldown: policy["Cooldown"].as_u64().unwrap_or_default().div_ceil(60),
            rests: 0,
        }
    }

    /// What the policy says while the alarm is on.
    fn adjustment(&self, history: &[Measured]) -> Option<i64> {
        let window = history.len().checked_sub(self.periods)?;
        let values: Vec<_> = history[window..]
            .iter()
            .map(|minute| self.value(minute))
            .collect();
        if !values
            .iter()
            .all(|value| value.is_some_and(|value| self.is_alarming(value)))
        {
            return None;
        }
        let beyond = values.last().copied().flatten()? - self.threshold;
        let holds = |step: &&Step| {
            step.from.is_none_or(|from| beyond >= from) && step.to.is_none_or(|to| beyond < to)
                // Below the threshold the bounds count the other way round.
                || step.from.is_none() && step.to == Some(0.0) && beyond <= 0.0
        };
        self.steps.iter().find(holds).map(|step| step.adjustment)
    }

    fn value(&self, minute: &Measured) -> Option<f64> {
        let metric = |id: &str| minute.get(&*self.metrics[id]).copied();
        expression::value(&self.expression, &metric)
    }

    fn is_alarming(&self, value: f64) -> bool {
        match &*self.operator {
            "GreaterThanOrEqualToThreshold" => value >= self.threshold,
            "GreaterThanThreshold" => value > self.threshold,
            "LessThanThreshold" => value < self.threshold,
            other => panic!("{other}"),
        }
    }
}
