"""A client that fails over by DNS, as boto3 does it: it puts events at a name, one after the other, and prints the time of
each success. The name is looked up at the DNS servers of the regions, which are given, and remembered for its second.

usage: failover_client.py HOST PORT stock|documented DNS_PORT...
"""
import json
import socket
import struct
import sys
import time

import boto3
from botocore.config import Config

HOST, PORT, KIND = sys.argv[1], int(sys.argv[2]), sys.argv[3]
DNS_PORTS = [int(port) for port in sys.argv[4:]]
CONFIGS = {
    "stock": Config(),
    "documented": Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard", "max_attempts": 5}),
}
REMEMBERED_SECONDS = 1

known = {"address": None, "at": 0.0}
system_getaddrinfo = socket.getaddrinfo


def ask(port):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in HOST.split("."))
    query = struct.pack(">HHHHHH", 7, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(0.3)
        udp.connect(("127.0.0.1", port))
        udp.send(query)
        answer = udp.recv(512)
    # The address is the last thing in an answer of one record.
    if struct.unpack(">H", answer[6:8])[0] == 0:
        raise OSError("no address")
    return socket.inet_ntoa(answer[-4:])


def look_up():
    if time.monotonic() > known["at"] + REMEMBERED_SECONDS:
        for port in DNS_PORTS:
            try:
                known.update(address=ask(port), at=time.monotonic())
                break
            except OSError:
                continue
    return known["address"]


def getaddrinfo(host, port, *rest, **more):
    return system_getaddrinfo(look_up() if host == HOST else host, port, *rest, **more)


socket.getaddrinfo = getaddrinfo
events = boto3.client(
    "events",
    endpoint_url=f"http://{HOST}:{PORT}",
    region_name="us-west-2",
    aws_access_key_id="test",
    aws_secret_access_key="test",
    config=CONFIGS[KIND],
)
entry = {"Source": "shop", "DetailType": "x", "Detail": "{}"}
while True:
    try:
        events.put_events(Entries=[entry])
        print(json.dumps({"kind": KIND, "at": time.time()}), flush=True)
    except Exception as error:  # whatever it is, the next try may get through
        print(json.dumps({"kind": KIND, "error": str(error)[:200]}), flush=True)
    time.sleep(0.05)
