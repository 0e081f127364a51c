"""Tools do: deterministic, typed in and out, never a model call."""
