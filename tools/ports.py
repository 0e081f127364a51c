"""Which board is on which serial port: arduino-cli's discovery and pyserial's list, and the choice of one."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from serial.tools import list_ports

from hw.board import Board, boards
from tools.errors import BadInput, Setup
from tools.process import run
from tools.toolchain import arduino_cli, arduino_env

_TIMEOUT_S = 60.0


class Port(BaseModel):
    """A serial port and what is known of the board on it."""

    model_config = ConfigDict(frozen=True)

    address: str
    name: str = ""
    """Of the board or the adapter, as it calls itself."""
    fqbns: tuple[str, ...] = ()
    """Boards that it may be, as the installed cores know them."""
    usb: str = ""
    """"vendor:product" in hex; empty where it is not on USB."""

    def __str__(self) -> str:
        return f"{self.address} ({self.name or self.usb or 'unknown'})"


def find_ports() -> list[Port]:
    """All serial ports, by address. Raises Setup without arduino-cli."""
    found = {port.address: port for port in _by_pyserial()}
    for port in _by_arduino_cli():
        known = found.get(port.address)
        update = {"name": port.name or (known.name if known else ""), "usb": port.usb or (known.usb if known else "")}
        found[port.address] = port.model_copy(update=update)
    return sorted(found.values(), key=lambda port: port.address)


def choose_port(board: Board, wanted: str | None, ports: Sequence[Port]) -> str:
    """The address of the port to use: `wanted`, unless it holds another board; else the only one that holds `board`.

    Raises BadInput for a port with another board and when several hold one, Setup when none does.
    """
    if wanted is not None:
        for port in ports:
            if os.path.realpath(port.address) == os.path.realpath(wanted) and (other := _other_board(port, board)):
                raise BadInput(f"{wanted} holds {other}, but this run is for {board.name} ({board.fqbn})")
        return wanted
    fitting = [port for port in ports if _may_be(port, board)]
    if len(fitting) == 1:
        return fitting[0].address
    if fitting:
        listed = ", ".join(map(str, fitting))
        raise BadInput(f"{len(fitting)} boards may be the {board.name}: {listed}; choose one with --port")
    seen = ", ".join(map(str, ports)) or "none"
    raise Setup(
        f"no {board.name} is connected (serial ports: {seen})",
        "plug it in with a cable that carries data, or name its port: tinysmith flash RUN --port PORT",
    )


def _may_be(port: Port, board: Board) -> bool:
    return any(_same(fqbn, board.fqbn) for fqbn in port.fqbns) or port.usb in board.usb


def _other_board(port: Port, board: Board) -> str:
    """Which other board is on the port; empty when it is `board`, or nobody knows."""
    if _may_be(port, board):
        return ""
    if port.fqbns:
        return f"{port.name or 'another board'} ({port.fqbns[0]})"
    return next((f"{other.name} ({other.fqbn})" for other in boards().values() if port.usb in other.usb), "")


def _same(one: str, other: str) -> bool:
    """Vendor, architecture and board are what discovery can know; options are not."""
    return one.split(":")[:3] == other.split(":")[:3]


def _by_pyserial() -> list[Port]:
    found = []
    for port in list_ports.comports():
        usb = "" if port.vid is None or port.pid is None else f"{port.vid:04x}:{port.pid:04x}"
        if usb or port.hwid != "n/a":  # else a port of the main board, mostly without a socket
            found.append(Port(address=port.device, name=port.product or port.description or "", usb=usb))
    return found


def _by_arduino_cli() -> list[Port]:
    command: list[str | Path] = [arduino_cli(), "board", "list", "--json", "--discovery-timeout", "3s"]
    done = run(command, timeout_s=_TIMEOUT_S, env=arduino_env(real=True))
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        return []  # pyserial's list stands
    return [
        _port(entry["port"], entry.get("matching_boards") or [])
        for entry in answer.get("detected_ports") or []
        if entry["port"].get("protocol", "serial") == "serial"
    ]


def _port(port: dict, matching: list[dict]) -> Port:
    properties = port.get("properties") or {}
    vid, pid = (properties.get(key, "").lower().removeprefix("0x") for key in ("vid", "pid"))
    name = matching[0].get("name", "") if matching else ""
    fqbns = tuple(b["fqbn"] for b in matching if b.get("fqbn"))
    return Port(address=port["address"], name=name, fqbns=fqbns, usb=f"{vid}:{pid}" if vid and pid else "")
