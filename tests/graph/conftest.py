"""What tests of the graph take from the run that all of them share."""

from tests.watched import ROOT, SECRET, Watched

__all__ = ["ROOT", "SECRET", "Watched"]
