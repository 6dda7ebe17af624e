"""Alarms that are raised, for the local AWS.

`engine.rs` puts this before `engine.py`. The engine looks at its alarms only when a program sends numbers of its
own, and at the numbers of all functions alike. Here whoever asks for alarms gets them as they are now: by the
numbers of what each watches, as the engine measures calls of functions. Alarms on what is computed from several
numbers are there, and are never raised.
"""

import time


def look_at_alarms():
    from ministack.services import cloudwatch
    from ministack.services.cloudformation import provisioners

    described, recorded = cloudwatch._describe_alarms, provisioners._cw_metric_alarm_record
    needed = ("_alarms", "_calc_stats", "_dims_key", "_dispatch_alarm_actions", "_metrics", "_record_history", "_stat_value")
    if not all(hasattr(cloudwatch, name) for name in needed):
        raise SystemExit("ministack has changed: it keeps alarms in another way")

    def asked(*arguments, **options):
        for alarm in list(cloudwatch._alarms.values()):
            look(cloudwatch, alarm)
        return described(*arguments, **options)

    def written_down(name, properties):
        if not properties.get("Metrics"):
            return recorded(name, properties)
        rest = {key: value for key, value in properties.items() if key != "Metrics"}
        return recorded(name, {**rest, "Namespace": "Computed", "MetricName": name})

    cloudwatch._describe_alarms = asked
    cloudwatch._evaluate_alarm = lambda alarm: look(cloudwatch, alarm)
    provisioners._cw_metric_alarm_record = written_down


def look(cloudwatch, alarm):
    """Brings an alarm to the state that its number has now. One about which nothing is known stays, unless it says
    what that means."""
    place = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or []}
    key = (alarm.get("Namespace"), alarm.get("MetricName"), cloudwatch._dims_key(place))
    since = time.time() - alarm.get("Period", 60) * alarm.get("EvaluationPeriods", 1)
    points = [point for point in cloudwatch._metrics.get(key) or [] if point["Timestamp"] >= since]
    state, why = judged(cloudwatch, alarm, points)
    before = alarm["StateValue"]
    if state in (None, before):
        return
    alarm.update(StateValue=state, StateReason=why, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, why)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, why)


def judged(cloudwatch, alarm, points):
    treatment = {"notBreaching": "OK", "breaching": "ALARM"}.get(alarm.get("TreatMissingData"))
    if not points:
        return treatment, "nothing was measured"
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    number = cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points)
    if number is None:
        return treatment, "nothing was measured"
    threshold, operator = alarm.get("Threshold", 0), alarm.get("ComparisonOperator", "")
    raised = {
        "GreaterThanOrEqualToThreshold": number >= threshold,
        "GreaterThanThreshold": number > threshold,
        "LessThanThreshold": number < threshold,
        "LessThanOrEqualToThreshold": number <= threshold,
    }
    why = f"Threshold Crossed: {name} {number:g} {operator} {threshold:g}"
    return "ALARM" if raised.get(operator) else "OK", why
