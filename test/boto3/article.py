"""The article's pipeline, driven by boto3: built, fed with orders, and looked at, by paginators and waiters.

Run by test/cli/boto3.test.ts with AWS_ENDPOINT_URL pointing at a server; ends with 0 when everything holds.
"""
import io
import json
import sys
import time
import unittest
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
REGION = "us-west-2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/article"
HANDLERS = Path(__file__).parent.parent.parent / "src" / "demo" / "handlers"
ORDER_CREATED = {"source": ["app.orders"], "detail-type": ["OrderCreated"]}
ORDERS = [("small", 100), ("large", 100.01), ("larger", 2500), ("sold-out", 4900)]


def client(service):
    # One attempt: an answer that only a retry made right would go unnoticed.
    return boto3.client(service, region_name=REGION, config=Config(retries={"total_max_attempts": 1}))


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def eventually(look, is_there):
    """What `look` answers once `is_there` takes it, or the last answer after half a minute."""
    deadline = time.monotonic() + 30
    while True:
        seen = look()
        if is_there(seen) or time.monotonic() > deadline:
            return seen
        time.sleep(0.1)


class Article(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        names = ["dynamodb", "events", "lambda", "logs", "pipes", "sqs", "stepfunctions", "sts"]
        cls.clients = {name: client(name) for name in names}

    def test_1_the_account_is_the_key(self):
        identity = self.clients["sts"].get_caller_identity()
        self.assertEqual(identity["Account"], ACCOUNT)

    def test_2_the_pipeline_is_built(self):
        self.create_customers()
        self.create_functions()
        self.clients["sqs"].create_queue(QueueName="MyQueue")
        self.create_pipe()
        self.create_rules(self.create_state_machine())

    def create_customers(self):
        dynamodb = self.clients["dynamodb"]
        dynamodb.create_table(
            TableName="Customers",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "CustomerId", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "CustomerId", "KeyType": "HASH"}],
        )
        dynamodb.get_waiter("table_exists").wait(TableName="Customers", WaiterConfig={"Delay": 1})
        table = boto3.resource("dynamodb", region_name=REGION).Table("Customers")
        with table.batch_writer() as batch:
            for number in range(30):
                batch.put_item(Item={"CustomerId": f"c-{number}", "CustomerName": f"Customer {number}"})
        pages = dynamodb.get_paginator("scan").paginate(TableName="Customers", PaginationConfig={"PageSize": 7})
        self.assertEqual([page["Count"] for page in pages], [7, 7, 7, 7, 2])

    def create_functions(self):
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            for path in HANDLERS.iterdir():
                archive.write(path, path.name)
        functions = {
            "EnrichOrder": ("python3.13", "enrich_order.lambda_handler"),
            "ProcessEvent": ("nodejs24.x", "process_event.handler"),
            "ProcessOrder": ("nodejs24.x", "workflow.processOrder"),
            "CheckInventory": ("nodejs24.x", "workflow.checkInventory"),
            "ShipOrder": ("nodejs24.x", "workflow.shipOrder"),
        }
        awslambda = self.clients["lambda"]
        for name, (runtime, handler) in functions.items():
            awslambda.create_function(
                FunctionName=name,
                Runtime=runtime,
                Handler=handler,
                Role=ROLE,
                Timeout=30,
                Code={"ZipFile": code.getvalue()},
            )
            awslambda.get_waiter("function_active_v2").wait(FunctionName=name)
        pages = awslambda.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
        listed = [function["FunctionName"] for page in pages for function in page["Functions"]]
        self.assertEqual(sorted(listed), sorted(functions))

    def create_pipe(self):
        pattern = {"body": {**ORDER_CREATED, "detail": {"orderAmount": [{"numeric": [">", 100]}]}}}
        pipes = self.clients["pipes"]
        pipes.create_pipe(
            Name="RealTimeDataPipe",
            RoleArn=ROLE,
            Source=arn("sqs", "MyQueue"),
            SourceParameters={"FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)}]}},
            Enrichment=arn("lambda", "function:EnrichOrder"),
            Target=arn("lambda", "function:ProcessEvent"),
            TargetParameters={
                "InputTemplate": '{"id": <$.detail.orderId>, "customer": <$.detail.customerName>}'
            },
        )
        state = eventually(
            lambda: pipes.describe_pipe(Name="RealTimeDataPipe")["CurrentState"],
            lambda current: current == "RUNNING",
        )
        self.assertEqual(state, "RUNNING")

    def create_state_machine(self):
        def task(name, **following):
            return {
                "Type": "Task",
                "Resource": arn("lambda", f"function:{name}"),
                "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 2}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "OrderFailed"}],
                **following,
            }

        definition = {
            "StartAt": "ProcessOrder",
            "States": {
                "ProcessOrder": task("ProcessOrder", Next="CheckInventory"),
                "CheckInventory": task("CheckInventory", Next="ShipOrder"),
                "ShipOrder": task("ShipOrder", End=True),
                "OrderFailed": {"Type": "Fail", "ErrorPath": "$.Error", "CausePath": "$.Cause"},
            },
        }
        return self.clients["stepfunctions"].create_state_machine(
            name="OrderProcessingStateMachine", definition=json.dumps(definition), roleArn=ROLE
        )["stateMachineArn"]

    def create_rules(self, machine):
        events = self.clients["events"]
        events.create_event_bus(Name="orders")
        targets = {
            "ToQueue": {"Arn": arn("sqs", "MyQueue")},
            "OrderCreatedRule": {"Arn": machine, "RoleArn": ROLE},
        }
        for rule, target in targets.items():
            events.put_rule(Name=rule, EventBusName="orders", EventPattern=json.dumps(ORDER_CREATED))
            answer = events.put_targets(Rule=rule, EventBusName="orders", Targets=[{"Id": "1", **target}])
            self.assertEqual(answer["FailedEntryCount"], 0)
        pages = events.get_paginator("list_rules").paginate(
            EventBusName="orders", PaginationConfig={"PageSize": 1}
        )
        names = [[rule["Name"] for rule in page["Rules"]] for page in pages]
        self.assertEqual(names, [["OrderCreatedRule"], ["ToQueue"]])

    def test_3_orders_arrive(self):
        answer = self.clients["events"].put_events(
            Entries=[
                {
                    "EventBusName": "orders",
                    "Source": "app.orders",
                    "DetailType": "OrderCreated",
                    "Detail": json.dumps({"orderId": name, "orderAmount": amount, "customerId": "c-1"}),
                }
                for name, amount in ORDERS
            ]
        )
        self.assertEqual(answer["FailedEntryCount"], 0)
        processed = eventually(self.processed, lambda lines: len(lines) >= 3)
        self.assertEqual(
            sorted(processed, key=lambda order: order["id"]),
            [{"id": name, "customer": "Customer 1"} for name in ("large", "larger", "sold-out")],
        )

    def processed(self):
        try:
            pages = self.clients["logs"].get_paginator("filter_log_events").paginate(
                logGroupName="/aws/lambda/ProcessEvent", filterPattern="processed", PaginationConfig={"PageSize": 1}
            )
            messages = [event["message"] for page in pages for event in page["events"]]
        except self.clients["logs"].exceptions.ResourceNotFoundException:
            # The group is there from the first line on.
            return []
        return [json.loads(message[message.index("processed {") + len("processed "):]) for message in messages]

    def test_4_executions_end_with_their_history(self):
        states = self.clients["stepfunctions"]
        machine = arn("states", "stateMachine:OrderProcessingStateMachine")

        def executions():
            pages = states.get_paginator("list_executions").paginate(
                stateMachineArn=machine, PaginationConfig={"PageSize": 2}
            )
            return [execution for page in pages for execution in page["executions"]]

        ended = eventually(executions, lambda all_: all(one["status"] != "RUNNING" for one in all_))
        outcome = {}
        for execution in ended:
            described = states.describe_execution(executionArn=execution["executionArn"])
            order = json.loads(described["input"])["detail"]["orderId"]
            outcome[order] = described["status"]
            if order == "large":
                self.assertEqual(
                    json.loads(described["output"]),
                    {"orderId": "large", "orderAmount": 100.01, "customerId": "c-1",
                     "processed": True, "reserved": True, "shipped": True},
                )
            if order == "sold-out":
                self.assertEqual(described["error"], "OutOfStock")
        self.assertEqual(
            outcome, {"small": "SUCCEEDED", "large": "SUCCEEDED", "larger": "SUCCEEDED", "sold-out": "FAILED"}
        )
        history = states.get_paginator("get_execution_history").paginate(
            executionArn=ended[0]["executionArn"], PaginationConfig={"PageSize": 4}
        )
        ids = [event["id"] for page in history for event in page["events"]]
        self.assertEqual(ids, list(range(1, len(ids) + 1)))

    def test_5_refusals_are_the_exceptions_of_each_client(self):
        sqs, events, dynamodb = (self.clients[name] for name in ("sqs", "events", "dynamodb"))
        awslambda, pipes, states = (self.clients[name] for name in ("lambda", "pipes", "stepfunctions"))
        missing = arn("states", "stateMachine:Missing")
        refusals = [
            (sqs.exceptions.QueueDoesNotExist, lambda: sqs.get_queue_url(QueueName="missing")),
            (events.exceptions.ResourceNotFoundException, lambda: events.describe_rule(Name="missing")),
            (events.exceptions.ResourceAlreadyExistsException, lambda: events.create_event_bus(Name="orders")),
            (events.exceptions.InvalidEventPatternException, lambda: events.put_rule(Name="r", EventPattern="{")),
            (dynamodb.exceptions.ResourceNotFoundException, lambda: dynamodb.describe_table(TableName="missing")),
            (awslambda.exceptions.ResourceNotFoundException, lambda: awslambda.get_function(FunctionName="missing")),
            (pipes.exceptions.NotFoundException, lambda: pipes.describe_pipe(Name="missing")),
            (states.exceptions.StateMachineDoesNotExist, lambda: states.start_execution(stateMachineArn=missing)),
            (
                dynamodb.exceptions.ConditionalCheckFailedException,
                lambda: dynamodb.put_item(
                    TableName="Customers",
                    Item={"CustomerId": {"S": "c-1"}},
                    ConditionExpression="attribute_not_exists(CustomerId)",
                ),
            ),
        ]
        for expected, call in refusals:
            with self.subTest(expected.__name__), self.assertRaises(expected):
                call()
        # What botocore's older users match on.
        with self.assertRaises(ClientError) as caught:
            sqs.get_queue_url(QueueName="missing")
        self.assertEqual(caught.exception.response["Error"]["Code"], "AWS.SimpleQueueService.NonExistentQueue")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)


if __name__ == "__main__":
    sys.exit(0 if unittest.main(exit=False, failfast=True).result.wasSuccessful() else 1)
