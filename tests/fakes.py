"""A scripted language model: for speed and for faults. The real one answers in tests marked `model`."""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

Reply = str | Callable[[str], str]

# Words that tell the roles' system prompts apart.
_ROLES = {
    "You turn a request": "planner",
    "You translate a request": "translation",
    "You choose the sensor": "sensor",
    "You list the labels": "classes",
    "You choose how sensor data": "data",
    "You design neural networks": "architect",
    "You check networks": "validator",
    "You repair an answer": "repair",
    "You write one C++ function": "firmware",
    "A person talks": "dialogue",
}


class ScriptedModel(BaseChatModel):
    """Answers each role from its own list, the last entry for ever; counts tokens as words."""

    replies: dict[str, Any]
    asked: list[tuple[str, str]]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **_: Any) -> ChatResult:
        system, user = str(messages[0].content), str(messages[1].content)
        role = next(name for words, name in _ROLES.items() if system.startswith(words))
        self.asked.append((role, user))
        reply = next(self.replies[role])
        text = reply(user) if callable(reply) else reply
        usage = {"input_tokens": len(system.split()) + len(user.split()), "output_tokens": len(text.split())}
        usage["total_tokens"] = sum(usage.values())
        message = AIMessage(content=text, usage_metadata=usage)  # type: ignore[arg-type]
        return ChatResult(generations=[ChatGeneration(message=message)])


def _forever(replies: list[Reply] | Reply) -> Iterator[Reply]:
    listed = replies if isinstance(replies, list) else [replies]
    return itertools.chain(listed, itertools.repeat(listed[-1]))


def scripted(**replies: list[Reply] | Reply) -> ScriptedModel:
    """A model with these replies per role; roles that are not given answer as a well-behaved model would."""
    defaults: Mapping[str, list[Reply] | Reply] = {
        "data": '{"noise": 0.02}',
        "repair": "no better",
        "architect": networks(["fc8"], ["fc16"], ["fc12", "fc6"], ["fc24"]),
        "validator": lambda user: json.dumps({line.split(":")[0]: "fewer_channels" for line in user.splitlines()}),
        **replies,
    }
    return ScriptedModel(replies={role: _forever(listed) for role, listed in defaults.items()}, asked=[])


def networks(*nets: list[str]) -> str:
    """The architect's answer with these networks in compact form."""
    return json.dumps({"nets": "; ".join(f"a network of the script: {' '.join(net)}" for net in nets)})


def led_plan(**leds: str) -> str:
    """The planner's answer: LED name -> the one label of the fruit data it shows."""
    return json.dumps(
        {
            f"{led} LED": [
                {
                    "quote": f"{led} LED for {label}",
                    "when": "while",
                    "labels": {name: int(name == label) for name in ("apple", "banana", "orange")},
                    "set": "on",
                }
            ]
            for led, label in leds.items()
        }
    )


FRUIT_REQUEST = (
    "classify apple, banana and orange with the colour sensor, red LED for apple, green for banana, blue for orange"
)
FRUIT_PLAN = led_plan(red="apple", green="banana", blue="orange")
FRUIT_CODE = """```cpp
void onResult(const Result &result) {
  setLed(RED_LED, result.label == LABEL_APPLE);
  setLed(GREEN_LED, result.label == LABEL_BANANA);
  setLed(BLUE_LED, result.label == LABEL_ORANGE);
}
```"""
