"""The client of Python functions: loads the handler, takes invocations from descriptor 3 one at a time and answers
on descriptor 4. It runs in the function's own process, beside the user's code, on the standard library alone.

A frame is: u32 length of the rest | u32 length of the head | head (JSON) | body. `frames.ts` is the other end.
"""

import importlib
import io
import json
import logging
import os
import resource
import select
import signal
import struct
import sys
import threading
import time
import traceback

INPUT = 3
OUTPUT = 4
# 6 MB and 100 bytes, as AWS counts: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
RESPONSE_SIZE_BYTES_MAX = 6_291_556

_write_lock = threading.Lock()
_request_id = None


def send(head, body=b""):
    head_bytes = json.dumps(head, separators=(",", ":")).encode()
    frame = memoryview(
        struct.pack(">II", 4 + len(head_bytes) + len(body), len(head_bytes)) + head_bytes + body
    )
    # Threads of the handler may print while another answers: a frame must stay in one piece.
    with _write_lock:
        while frame:
            frame = frame[os.write(OUTPUT, frame) :]


def read_exactly(size):
    chunks = []
    while size > 0:
        chunk = os.read(INPUT, min(size, 1 << 20))
        if not chunk:
            end_with_parent()
        chunks.append(chunk)
        size -= len(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def read_frame():
    size, head_size = struct.unpack(">II", read_exactly(8))
    rest = read_exactly(size - 4)
    return json.loads(rest[:head_size]), rest[head_size:]


def end_with_parent():
    """Ends the process, and with it whatever the handler started: the process leads a group of its own."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def watch_parent():
    """A handler in an endless loop never reads again, so a thread waits for the parent's end of the pipe to close."""
    poller = select.poll()
    poller.register(INPUT, 0)
    poller.poll()
    end_with_parent()


class FrameOutput(io.RawIOBase):
    """What the handler prints goes through descriptor 4, so that it is there before the answer is."""

    def __init__(self, descriptor):
        super().__init__()
        self._descriptor = descriptor

    def writable(self):
        return True

    def fileno(self):
        return self._descriptor

    def write(self, data):
        send({"kind": "log"}, bytes(data))
        return len(data)


def capture(descriptor):
    """A stream like the one that it replaces, which hands on whole lines."""
    output = io.BufferedWriter(FrameOutput(descriptor))
    return io.TextIOWrapper(output, encoding="utf-8", errors="backslashreplace", line_buffering=True)


class LogFormatter(logging.Formatter):
    converter = time.gmtime

    def format(self, record):
        record.aws_request_id = _request_id or ""
        return super().format(record)


class LogHandler(logging.Handler):
    """A record stays one log event, however many lines it has."""

    def emit(self, record):
        try:
            log_whole(self.format(record))
        except Exception:
            self.handleError(record)


def log_whole(text):
    sys.stdout.flush()
    send({"kind": "log", "whole": True}, text.encode("utf-8", "replace"))


def set_up_logging():
    handler = LogHandler()
    handler.setFormatter(
        LogFormatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s",
            "%Y-%m-%dT%H:%M:%S",
        )
    )
    logging.getLogger().addHandler(handler)


class RuntimeFailure(Exception):
    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.answer = {"errorMessage": message, "errorType": error_type, "stackTrace": list(trace)}


def load_handler(name):
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise RuntimeFailure("Runtime.MalformedHandlerName", f"Bad handler '{name}': {error}")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise RuntimeFailure(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}"
        )
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise RuntimeFailure(
            "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", trace
        )
    if not hasattr(module, function_name):
        raise RuntimeFailure(
            "Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'"
        )
    return getattr(module, function_name)


class ClientContext:
    def __init__(self, members):
        self.custom = members.get("custom")
        self.env = members.get("env")
        self.client = members.get("client")


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    def __init__(self, head):
        self.aws_request_id = head["requestId"]
        self.invoked_function_arn = head["arn"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = Identity()
        self.client_context = self._parse_client_context(head.get("clientContext"))
        self._deadline_ms = head["deadlineMs"]

    @staticmethod
    def _parse_client_context(text):
        if not text:
            return None
        import base64

        try:
            return ClientContext(json.loads(base64.b64decode(text)))
        except (ValueError, AttributeError):
            return None

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


def answer_of(error, request_id, own_frames):
    """The error object that a caller of the function gets; frames of this file are left out of the trace."""
    if isinstance(error, RuntimeFailure):
        return {**error.answer, "requestId": request_id}
    frames = traceback.extract_tb(error.__traceback__)[own_frames:]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }


def log_error(answer):
    lines = [f"[ERROR] {answer['errorType']}: {answer['errorMessage']}"]
    if answer["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        lines.extend(line.rstrip("\n") for line in answer["stackTrace"])
    log_whole("\n".join(lines))


def run(handler, head, body):
    """The kind of the answer and its body."""
    try:
        event = json.loads(body)
    except ValueError as error:
        raise RuntimeFailure("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}")
    result = handler(event, Context(head))
    try:
        # NaN and Infinity are no JSON, and nobody downstream could read them.
        text = json.dumps(result, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError) as error:
        raise RuntimeFailure("Runtime.MarshalError", f"Unable to marshal response: {error}")
    if len(text) > RESPONSE_SIZE_BYTES_MAX:
        raise RuntimeFailure(
            "Function.ResponseSizeTooLarge",
            f"Response payload size exceeded maximum allowed payload size ({RESPONSE_SIZE_BYTES_MAX} bytes).",
        )
    return text


def invoke(handler, head, body):
    global _request_id
    started_at = time.monotonic()
    _request_id = head["requestId"]
    if head.get("traceId"):
        os.environ["_X_AMZN_TRACE_ID"] = head["traceId"]
    try:
        kind, answer = "response", run(handler, head, body)
    except Exception as error:
        members = answer_of(error, _request_id, own_frames=2)
        log_error(members)
        kind, answer = "error", json.dumps(members).encode()
    sys.stdout.flush()
    sys.stderr.flush()
    _request_id = None
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # What the handler took: the pool learns from it whether its processes are what invocations wait for.
    handler_ms = (time.monotonic() - started_at) * 1000
    send({"kind": kind, "id": head["id"], "rss": peak_kb, "ms": handler_ms}, answer)


def main():
    sys.stdout, sys.stderr = capture(1), capture(2)
    threading.Thread(target=watch_parent, daemon=True).start()
    set_up_logging()
    # The directory of this file stands first and must not shadow the user's modules.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        members = answer_of(error, "", own_frames=2)
        log_error(members)
        sys.stdout.flush()
        send({"kind": "init-error"}, json.dumps(members).encode())
        os._exit(1)
    send({"kind": "ready"})
    while True:
        head, body = read_frame()
        invoke(handler, head, body)


main()
