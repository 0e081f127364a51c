"""Which port is taken: the run's board, never another, never a guess."""

import pytest

from hw.board import boards
from tools.errors import BadInput, Setup
from tools.ports import Port, choose_port

NANO = boards()["nano33ble"]
ON_A = Port(address="/dev/ttyACM0", name="Arduino Nano 33 BLE", fqbns=(NANO.fqbn,), usb="2341:805a")
BY_USB = Port(address="/dev/ttyACM1", name="Nano 33 BLE", usb="2341:005a")
UNO = Port(address="/dev/ttyACM2", name="Arduino Uno", fqbns=("arduino:avr:uno",), usb="2341:0043")
ADAPTER = Port(address="/dev/ttyUSB0", name="CP2102", usb="10c4:ea60")


@pytest.mark.parametrize("port", [ON_A, BY_USB])
def test_the_only_fitting_port_is_taken(port: Port) -> None:
    assert choose_port(NANO, None, [UNO, port, ADAPTER]) == port.address


def test_several_are_listed() -> None:
    with pytest.raises(BadInput, match=r"2 boards may be the Arduino Nano.*/dev/ttyACM0 \(.*/dev/ttyACM1 \(.*--port"):
        choose_port(NANO, None, [ON_A, BY_USB])


def test_none_says_what_there_is() -> None:
    with pytest.raises(Setup, match=r"no Arduino Nano 33 BLE Sense is connected .*CP2102.*--port PORT"):
        choose_port(NANO, None, [ADAPTER])
    with pytest.raises(Setup, match=r"serial ports: none"):
        choose_port(NANO, None, [])


def test_another_board_is_refused() -> None:
    with pytest.raises(BadInput, match=r"ttyACM2 holds Arduino Uno .arduino:avr:uno., but this run is for Arduino"):
        choose_port(NANO, UNO.address, [UNO])
    by_usb_alone = UNO.model_copy(update={"fqbns": ()})
    with pytest.raises(BadInput, match="holds Arduino Uno"):
        choose_port(NANO, UNO.address, [by_usb_alone])


def test_what_nobody_knows_is_taken_at_the_persons_word() -> None:
    assert choose_port(NANO, ADAPTER.address, [ADAPTER]) == ADAPTER.address
    assert choose_port(NANO, "/dev/pts/9", []) == "/dev/pts/9"


def test_options_of_a_board_do_not_matter() -> None:
    nucleo = boards()["nucleo_h743zi"]
    port = ON_A.model_copy(update={"fqbns": ("STMicroelectronics:stm32:Nucleo_144",)})
    assert choose_port(nucleo, None, [port]) == port.address
