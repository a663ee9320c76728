"""EnrichOrder: adds the customer's name to each order of a batch, from the table Customers.

A pipe gives the records of its queue, with the event as text in `body`, and takes a list of events back.
"""
import json

import boto3

dynamodb = boto3.client("dynamodb")


def lambda_handler(records, context):
    return [enrich_event(json.loads(record["body"])) for record in records]


def enrich_event(event):
    customer_id = event["detail"]["customerId"]
    response = dynamodb.get_item(
        TableName="Customers", Key={"CustomerId": {"S": customer_id}}
    )
    item = response.get("Item")
    event["detail"]["customerName"] = item["CustomerName"]["S"] if item else "unknown"
    return event
