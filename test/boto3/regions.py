"""What boto3 sees of two regions: one endpoint for both, events that arrive in the other, and IAM without its home.

usage: regions.py before EAST WEST | regions.py after EAST WEST     (URLs; the region at EAST is gone in the second)
"""
import json
import sys
import time

import boto3

PHASE, EAST, WEST = sys.argv[1:4]
ROLE = "arn:aws:iam::000000000000:role/events"


def client(service, region, url):
    return boto3.client(
        service, region_name=region, endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test"
    )


def rule(events, target):
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["shop"]}))
    answer = events.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": target, "RoleArn": ROLE}])
    assert answer["FailedEntryCount"] == 0, answer


def before():
    # Everything by the URL of the first region: what is signed for the second is passed on.
    queues = client("sqs", "us-west-2", EAST)
    url = queues.create_queue(QueueName="kept")["QueueUrl"]
    assert client("sqs", "us-east-1", EAST).list_queues().get("QueueUrls", []) == []
    rule(client("events", "us-west-2", EAST), "arn:aws:sqs:us-west-2:000000000000:kept")
    east = client("events", "us-east-1", EAST)
    rule(east, "arn:aws:events:us-west-2:000000000000:event-bus/default")
    put = east.put_events(Entries=[{"Source": "shop", "DetailType": "sold", "Detail": "{}"}])
    message = queues.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"][0]
    event = json.loads(message["Body"])
    assert event["id"] == put["Entries"][0]["EventId"], event
    assert event["region"] == "us-east-1", event
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    # Written at home, wherever it is asked.
    client("iam", "us-west-2", WEST).create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(trust))
    assert client("iam", "us-east-1", EAST).get_role(RoleName="worker")["Role"]["RoleName"] == "worker"
    # The other region has it a moment later.
    until(lambda: client("iam", "us-west-2", WEST).get_role(RoleName="worker"))


def until(ask):
    for _ in range(100):
        try:
            return ask()
        except Exception as error:  # not there yet
            last = error
            time.sleep(0.05)
    raise last


def after():
    iam = client("iam", "us-west-2", WEST)
    assert iam.get_role(RoleName="worker")["Role"]["RoleName"] == "worker"
    for refused in (
        lambda: iam.create_role(RoleName="other", AssumeRolePolicyDocument="{}"),
        lambda: client("sqs", "us-east-1", WEST).list_queues(),
    ):
        try:
            refused()
        except Exception as error:
            assert "ServiceUnavailable" in str(error), error
        else:
            raise AssertionError("what is down has answered")
    assert len(client("sqs", "us-west-2", WEST).list_queues()["QueueUrls"]) == 1


{"before": before, "after": after}[PHASE]()
print(PHASE)
