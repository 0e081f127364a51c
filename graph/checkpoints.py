"""The checkpoints of a run: one SQLite file in the run folder, facts and paths only, kept small.

Of the run's own nodes every checkpoint stays (`resume --from` goes back to them); of the loops inside of a stage only
the last two, because each holds all that the loop knows, and a search of a hundred networks would fill megabytes.
"""

import sqlite3
from typing import Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from tools import artifacts

# Only our own artefacts are made from a checkpoint's bytes; langgraph.json has those of the state for Studio's server.
_ALLOWED = [
    *((artifacts.__name__, name) for name in vars(artifacts) if isinstance(getattr(artifacts, name), type)),
    ("graph.config", "RunConfig"),
    ("agents.llm", "Ladders"),
]
_KEPT = 2
_OLDER = (
    "thread_id = ? AND checkpoint_ns = ? AND checkpoint_id NOT IN (SELECT checkpoint_id FROM checkpoints "
    "WHERE thread_id = ? AND checkpoint_ns = ? ORDER BY checkpoint_id DESC LIMIT ?)"
)


class RunSaver(SqliteSaver):
    """SQLite checkpoints that forget the earlier rounds of a loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=_ALLOWED))

    def put(self, config: Any, checkpoint: Any, metadata: Any, new_versions: Any) -> Any:
        """Save, then forget; a kill in between leaves one checkpoint too many."""
        saved = super().put(config, checkpoint, metadata, new_versions)
        where = [config["configurable"][key] for key in ("thread_id", "checkpoint_ns")]
        if where[1]:
            with self.cursor() as cursor:
                for table in ("writes", "checkpoints"):
                    cursor.execute(f"DELETE FROM {table} WHERE {_OLDER}", [*where, *where, _KEPT])
        return saved
