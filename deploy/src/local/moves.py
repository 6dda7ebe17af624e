"""Dead letters that go back to the queues that they came from, for the local AWS.

`engine.rs` puts this before `engine.py`. The engine has no such tasks. A task is judged on the queue that it takes
from, is done at once and whole, and is listed as AWS lists one that has ended: a message goes back as a new one,
unless somebody has taken it just now or it is nobody's dead letter.
"""

import json
import time
import uuid

# What tasks there were, the newest first.
tasks = []


def move_dead_letters():
    from ministack.core import iam_actions
    from ministack.services import sqs

    known, named = sqs._HANDLERS, iam_actions.extract_resource_arn
    if not all(hasattr(sqs, name) for name in ("_dlq_sweep", "_queue_by_arn", "_queues", "esm_wake")):
        raise SystemExit("ministack has changed: it keeps dead letters in another way")

    def on_source(service, method, path, headers, body, *place):
        asked = headers.get("x-amz-target", "")
        if asked in ("AmazonSQS.StartMessageMoveTask", "AmazonSQS.ListMessageMoveTasks"):
            return str(read(body).get("SourceArn"))
        return named(service, method, path, headers, body, *place)

    def source_of(request):
        arn = request.get("SourceArn")
        queue = sqs._queue_by_arn(str(arn))
        if queue is None:
            raise sqs._Err("ResourceNotFoundException", f"there is no queue {arn}", 404)
        return arn, queue

    def start(request, _url):
        arn, queue = source_of(request)
        if not any(arn == goal(other) for _, other in sqs._queues.all_items()):
            raise sqs._Err("InvalidParameterValue", f"{arn} is the dead-letter queue of no queue")
        to, task = request.get("DestinationArn"), {"SourceArn": arn, "StartedTimestamp": int(time.time() * 1000)}
        waiting = [one for one in queue["messages"] if one["visible_at"] <= time.time()]
        lost = [one for one in waiting if not move(one, queue, to)]
        task["ApproximateNumberOfMessagesMoved"] = len(waiting) - len(lost)
        task["ApproximateNumberOfMessagesToMove"] = len(waiting)
        task["Status"] = "FAILED" if lost else "COMPLETED"
        if lost:
            task["FailureReason"] = "CouldNotDetermineMessageSource"
        if to:
            task["DestinationArn"] = to
        if "MaxNumberOfMessagesPerSecond" in request:
            task["MaxNumberOfMessagesPerSecond"] = request["MaxNumberOfMessagesPerSecond"]
        tasks.insert(0, task)
        sqs.esm_wake.set()
        return {"TaskHandle": str(uuid.uuid4())}

    def move(message, queue, to):
        goes_to = sqs._queue_by_arn(to or message.get("sys", {}).get("DeadLetterQueueSourceArn", ""))
        if goes_to is None:
            return False
        now, sys = time.time(), dict(message["sys"])
        sys.pop("DeadLetterQueueSourceArn", None)
        sys["SentTimestamp"] = str(int(now * 1000))
        anew = {"id": str(uuid.uuid4()), "sent_at": now, "visible_at": now, "sys": sys}
        anew |= {"receive_count": 0, "first_receive_at": None, "receipt_handle": None}
        if goes_to["is_fifo"]:
            goes_to["fifo_seq"] += 1
            anew |= {"seq": str(goes_to["fifo_seq"]).zfill(20), "enqueued_at": now}
        queue["messages"].remove(message)
        goes_to["messages"].append({**message, **anew})
        return True

    def listed(request, _url):
        arn, _ = source_of(request)
        most = int(request.get("MaxResults") or 1)
        return {"Results": [task for task in tasks if task["SourceArn"] == arn][:most]}

    iam_actions.extract_resource_arn = on_source
    known.update({"StartMessageMoveTask": start, "ListMessageMoveTasks": listed})


def goal(queue):
    """The queue to which a queue gives up messages."""
    try:
        return json.loads(queue["attributes"].get("RedrivePolicy", "{}")).get("deadLetterTargetArn")
    except (ValueError, AttributeError):
        return None
