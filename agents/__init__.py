"""Agents decide: a prompt, a schema and one function each; only llm.py calls a model."""
