"""Prompts as Jinja templates with strict undefined: one file per role and purpose."""
