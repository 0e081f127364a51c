"""The whole run as one block, in the order of the data flow, and nothing else."""

from itertools import pairwise
from typing import Any

from langgraph.graph import END, START, StateGraph

from graph import decisions, nodes
from graph.firmware import firmware_graph
from graph.hop import hop, told
from graph.open import open_run
from graph.search import search_graph
from graph.state import RunInput, RunState
from tools.langsmith_export import install, wanted

STAGES = ("plan", "data", "search", "choose", "train", "distil", "convert", "firmware", "report")
"""Where a run can be taken up again (graph/again.py); the other nodes only ask."""


def build_graph(checkpointer: Any = None) -> Any:
    """The compiled state machine; pure routers of the loops are in decisions.py, search.py and firmware.py."""
    graph = StateGraph(RunState, input_schema=RunInput)

    graph.add_node("open", told(open_run))
    graph.add_node("plan", hop(nodes.plan))
    graph.add_node("clarify", hop(decisions.clarify))
    graph.add_node("confirm", hop(decisions.confirm))
    graph.add_node("data", hop(nodes.data))
    graph.add_node("budget", hop(decisions.budget))
    graph.add_node("search", search_graph())  # (propose → validate → mini_train → pareto)*
    graph.add_node("choose", hop(decisions.choose))
    graph.add_node("train", hop(nodes.train))
    graph.add_node("distil", hop(nodes.distil))
    graph.add_node("convert", hop(nodes.convert))
    graph.add_node("firmware", firmware_graph())  # (draft → compile → emulate)*
    graph.add_node("report", hop(nodes.report_))

    for before, after in pairwise([START, "open", "plan", "clarify"]):
        graph.add_edge(before, after)
    graph.add_conditional_edges("clarify", decisions.after_clarify, ["plan", "confirm"])
    graph.add_conditional_edges("confirm", decisions.after_confirm, [*STAGES])
    order = ["data", "budget", "search", "choose", "train", "distil", "convert", "firmware", "report", END]
    for before, after in pairwise(order):
        graph.add_edge(before, after)
    return graph.compile(checkpointer=checkpointer, name="tinysmith")


if wanted():
    install()  # before Studio's server makes a client of its own, which would not take secrets out
graph = build_graph()
"""What LangGraph Studio opens (langgraph.json); it brings its own checkpointer."""
