"""Pluggable discovery of the tests' platform: the ports in the JSON file $VIRTUAL_PORTS.

Source: Arduino CLI, Pluggable Discovery specification, protocol version 1.
"""

import json
import os
import sys
import time


def say(event: str, **more: object) -> None:
    sys.stdout.write(json.dumps({"eventType": event, "message": "OK", **more}) + "\n")
    sys.stdout.flush()


def ports() -> list[dict]:
    path = os.environ.get("VIRTUAL_PORTS", "")
    return json.load(open(path)) if path and os.path.exists(path) else []


for line in sys.stdin:
    command = line.split()[0] if line.split() else ""
    if command == "HELLO":
        say("hello", protocolVersion=1)
    elif command == "LIST":
        say("list", ports=ports())
    elif command == "START_SYNC":
        say("start_sync")
        time.sleep(0.3)  # arduino-cli misses what comes in the same breath
        for port in ports():
            say("add", port=port)
    else:
        say(command.lower())
    if command == "QUIT":
        break
