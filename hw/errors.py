"""The base of all failures that are told to the person, here because facts about boards can be wrong as well."""


class TinysmithError(Exception):
    """Base of every failure that is told to the person in one line; `exit_code` is DESIGN.md's."""

    exit_code = 1


class BadInput(TinysmithError):
    """The request, the data, a flag or a file is wrong: the message says what was wrong and what would be right."""

    exit_code = 2
