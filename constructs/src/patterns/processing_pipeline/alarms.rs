//! What should wake somebody up.

use std::time::Duration;

use super::handle::{ProcessingPipelineRef, StageRef};
use crate::cloudwatch::{AlarmRef, AlarmTarget};

/// After how many further attempts a message is too old.
const ATTEMPTS: u32 = 2;

impl ProcessingPipelineRef {
    /// Raises alarms when a call of a stage fails, is turned away or takes 80 % of its timeout, when an object
    /// waits for a stage for longer than two further attempts, and when a stage gives one up.
    ///
    /// ```
    /// use cloudwright::patterns::{ProcessingPipeline, Stage};
    /// use cloudwright::prelude::*;
    /// use cloudwright::lambda::Code;
    /// # let app = App::new();
    /// # let stack = app.stack("Soundings", Environment::new("111111111111", "eu-central-1"));
    /// let convert = lambda::Function::new(Code::s3("releases", "convert.zip"));
    /// let pipeline = ProcessingPipeline::new().stage("Convert", Stage::function(convert).writes("Staging"));
    /// let operators = stack.add("Operators", sns::Topic::new());
    /// stack.add("Pipeline", pipeline).alarms(&operators);
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    pub fn alarms(&self, target: &(impl AlarmTarget + Clone)) -> Vec<AlarmRef> {
        let mut alarms = Vec::new();
        for stage in &self.stages {
            stage.alarms(target, &mut alarms);
        }
        alarms
    }
}

impl StageRef {
    #[track_caller]
    fn alarms(&self, target: &(impl AlarmTarget + Clone), alarms: &mut Vec<AlarmRef>) {
        let function = &self.function;
        alarms.extend([
            function.alarm_on_errors(target),
            function.alarm_near_timeout(target),
            function.alarm_on_throttles(target),
        ]);
        if let Some(queue) = &self.queue {
            let wait = queue.visibility_timeout().unwrap_or_default();
            let old: Duration = wait.saturating_mul(ATTEMPTS);
            alarms.push(queue.alarm_when_older_than(old, target));
            alarms.push(queue.alarm_on_dead_letters(target));
        } else {
            alarms.extend(function.alarm_on_failures(target));
        }
    }
}
