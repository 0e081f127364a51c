"""The scenario that a run keeps: read back as it was, and not where it is another's."""

from pathlib import Path

from tools.scenario import Phase, Scenario
from tools.scenario_store import _STORED, FILE, _Stored, read_scenario
from tools.shown import Event, Expected


def kept(folder: Path) -> Scenario:
    once, minute = folder / "stimuli.csv", folder / "minute.csv"
    once.write_text("t_ms\n")
    minute.write_text("t_ms\n")
    results = (Expected(120, "a", 0, 0.9), Expected(220, "b", 1, 0.5, sure=False, rivals=(("a", 0),)))
    events = (Event(150, "pressed", 4), Event(170, "serial", "stop"))
    phases = (Phase(120, "class", "a"), Phase(220, "rest", ""))
    long = Scenario(minute, results * 2, 900, phases, events, ("~!00", None) * 2, 400, 300)
    scenario = Scenario(once, results, 400, phases, events, ("~!00", None), minute=long)
    (folder / FILE).write_bytes(_STORED.dump_json(_Stored("key", scenario)))
    return scenario


def test_a_kept_scenario_is_read_back_as_it_was(tmp_path: Path) -> None:
    scenario = kept(tmp_path)
    assert read_scenario(tmp_path / FILE, "key") == scenario
    assert scenario.phase_at(0).label == "a"
    assert scenario.phase_at(219).kind == "class"
    assert scenario.phase_at(220).kind == "rest"


def test_another_key_missing_stimuli_and_a_damaged_file_mean_that_it_is_chosen_anew(tmp_path: Path) -> None:
    kept(tmp_path)
    assert read_scenario(tmp_path / FILE, "other") is None
    (tmp_path / "minute.csv").unlink()
    assert read_scenario(tmp_path / FILE, "key") is None
    (tmp_path / FILE).write_text("{}")
    assert read_scenario(tmp_path / FILE, "key") is None
    assert read_scenario(tmp_path / "absent.json", "key") is None
