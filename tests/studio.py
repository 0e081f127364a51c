"""The graph for LangGraph's server, with the scripted model in the place of the real one."""

from graph.build import graph
from tests.scripted_run import install_script

install_script()

__all__ = ["graph"]
