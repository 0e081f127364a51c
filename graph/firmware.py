"""The firmware subgraph: draft, compile, emulate, and back with the evidence; the rules' own code at last.

Where the drafts did something else than the rules, the person is asked which of both is meant, or it is recorded.
"""

from typing import Any, Literal

from langgraph.graph import END, START, StateGraph

from agents import firmware as agent
from agents.error_memory import learn
from agents.plan_rules import other_reading
from graph import firmware_steps as steps
from graph import tries
from graph.hop import hop, language_models
from graph.questions import Choice, Question, ask
from graph.state import FirmwareState
from hw.board import boards
from tools.behaviour import sentences
from tools.behaviour_cpp import drafted_rules
from tools.diagnosis import too_large
from tools.difference import first_difference
from tools.errors import BadInput, Fixable, Infeasible
from tools.progress import report
from tools.verify import Verified


def draft(state: FirmwareState) -> dict[str, Any]:
    """Ask the firmware agent for the application's part; when it is enough, take what the rules generate."""
    spec, sample = state["spec"], state.get("samples", 0)
    if not drafted_rules(spec.behaviour):
        report("firmware", "nothing happens at results: generating the application from the rules")
        return {"draft": "", "author": "rules", "problem": ""}
    if not state.get("history"):
        steps.lay_down(state)
    if why := tries.enough(state):
        return _from_rules(state, why)
    models, rung = language_models(state), tries.rung_of(state)
    before = models.tokens["firmware"]
    report("firmware", f"drafting (try {state.get('tries', 0) + 1} of {state['config'].tries})")
    update: dict[str, Any] = {"samples": sample + 1, "rung": rung}
    try:
        answer = agent.draft(
            models,
            spec,
            boards()[spec.board],
            problem=state.get("problem", ""),
            sample=sample,
            rung=rung,
            lessons=tries.lessons(state),
            seed=state["config"].seed,
        )
    except Fixable as error:
        update["spent_tokens"] = models.tokens["firmware"] - before
        return tries.back(state, "lint", str(error), str(error.evidence.get("text", "")), **update)
    update |= {"model": answer.model, "spent_tokens": models.tokens["firmware"] - before}
    if same := tries.known(state, answer.value):
        facts = {key: same[key] for key in ("objections", "trace", "number") if key in same}
        return tries.back(state, same["stage"], same["problem"], answer.value, facts=facts, **update)
    return {"draft": answer.value, "author": "drafted", "tries": state.get("tries", 0) + 1, **update}


def _from_rules(state: FirmwareState, why: str) -> dict[str, Any]:
    report("firmware", f"{why}: generating the application from the rules")
    entry = {"stage": "draft", "problem": why, "code": ""}
    tries.remember(state, [*state.get("history", []), entry])
    return {"draft": "", "author": "rules", "problem": "", "history": [entry]}


def compile_(state: FirmwareState) -> dict[str, Any]:
    """Scaffold + application's part through arduino-cli; diagnostics go back to the agent."""
    folder = steps.write(state, state["draft"], steps.trial_dir(state))
    report("compile", f"{folder.name} for {boards()[state['spec'].board].name}")
    build, real, problem = steps.compiled(state, folder)
    if problem and state["author"] == "rules" and too_large(build):
        raise Infeasible(f"the firmware does not fit {boards()[state['spec'].board].name}: {problem}")
    if problem:
        return tries.back(state, "compile", problem, state["draft"], build=None)
    steps.check_sizes(state, real or build)
    flash, ram = build.flash_bytes, build.ram_bytes
    report("compile", f"{flash:,} bytes of flash, {ram:,} of RAM", flash_bytes=flash, ram_bytes=ram)
    return {"build": build, "real": real, "problem": ""}


def emulate(state: FirmwareState) -> dict[str, Any]:
    """Scenes, a minute, its use of memory, then golden vectors on the emulated board; what is wrong goes back."""
    build = state["build"]
    assert build is not None  # the router comes here only after a build
    shown = steps.scenario(state, build)
    done = steps.proved(state, build, shown)
    if done.objections:
        return rejected(state, done)
    parity = steps.golden(state, build, shown.inference_ms)
    firmware = steps.accepted(state, state["draft"], build, parity, list(done.checks))
    if state["config"].memory == "own":
        learn(tries.learned(state))
    return {"run": done.run, "firmware": firmware}


def rejected(state: FirmwareState, done: Verified) -> dict[str, Any]:
    """What the board did wrong, as evidence."""
    wrong = done.objections
    told = "; ".join(f"demanded: {c.check}; seen on the board: {c.seen}" for c in wrong[:2])
    facts = tries.ran(state, done.run, len(wrong)) if state["author"] == "drafted" else {}
    return tries.back(state, "emulate", told, state["draft"], run=None, facts=facts)


# --- where drafts and rules differ ------------------------------------------------------------------


def settle(state: FirmwareState) -> dict[str, Any]:
    """The rules were taken after drafts that did something else: the person says which is meant, or it is recorded."""
    stands, firmware, run, build = tries.rival(state), state["firmware"], state.get("run"), state["build"]
    assert stands is not None  # the router comes here only with all three
    assert run is not None
    assert build is not None
    board, shown = boards()[state["spec"].board], steps.scenario(state, build)
    there = first_difference(run, steps.read_run(state, stands["number"]), board, shown.results, shown.events)
    if there is None:
        return {}
    same, of = tries.agreeing(state, stands)
    told = f"{there.text} ({same} of {of} drafts do this; different: {', '.join(there.where)})"
    report("firmware", f"the drafts did something else than the rules: {told}")
    if not state.get("confirm") and (otherwise := other_reading(language_models(state), state["spec"], there.where)):
        raise BadInput(
            f"the request can be understood in two ways, as '{'; '.join(sentences(state['spec']))}' or as "
            f"'{otherwise}': say it in other words, or look at the plan yourself"
        )
    question = Question(
        kind="disagreement",
        question=f"The model's draft and the rules do different things: {told}. Which of them is meant?",
        choices=(
            Choice(value="rules", text="what was understood, as confirmed"),
            Choice(value="draft", text="what the language model wrote, for which not all checks hold"),
        ),
        default="rules",
        facts={
            "rules": sentences(state["spec"]),
            "difference": there.text,
            "where": list(there.where),
            "draft": steps.read_draft(state, stands["number"]),
            "agreeing": [same, of],
        },
    )
    answer = ask(state, question)
    taken = "the draft was taken" if answer == "draft" else "the rules were taken"
    whose = "as the person said" if state.get("confirm") else "because nobody was asked"
    chosen = _of_draft(state, steps.read_draft(state, stands["number"])) if answer == "draft" else firmware
    told = f"the drafts did something else than the rules: {told}; {taken}, {whose}"
    return {"firmware": steps.keep(state, chosen.model_copy(update={"disagreement": told}))}


def _of_draft(state: FirmwareState, code: str) -> Any:
    """The draft that the person chose: every check is told, those of the rules that it does not keep as failed."""
    folder = steps.write(state, code, steps.trial_dir(state))
    build, real, problem = steps.compiled(state, folder)
    if problem:
        raise Fixable(f"the draft compiled before and does not now: {problem}")
    shown = steps.scenario(state, build)
    done = steps.proved(state, build, shown, whole=True)
    parity = steps.golden(state, build, shown.inference_ms)
    return steps.accepted({**state, "real": real}, code, build, parity, list(done.checks))


# --- routes -----------------------------------------------------------------------------------------


def after_draft(state: FirmwareState) -> Literal["compile", "draft"]:
    """A draft that did not pass the lint is drafted anew."""
    return "compile" if state.get("draft") or state.get("author") == "rules" else "draft"


def after_compile(state: FirmwareState) -> Literal["emulate", "draft"]:
    """Only what compiles is emulated."""
    return "emulate" if state.get("build") else "draft"


def after_emulate(state: FirmwareState) -> Literal["__end__", "draft", "settle"]:
    """Accepted, back with the evidence, or to be settled with a draft that did something else."""
    if not state.get("firmware"):
        return "draft"
    return "settle" if state["author"] == "rules" and tries.rival(state) else "__end__"


def firmware_graph() -> Any:
    """The compiled subgraph."""
    graph = StateGraph(FirmwareState)
    graph.add_node("draft", hop(tries.timed(draft)))
    graph.add_node("compile", hop(tries.timed(compile_)))
    graph.add_node("emulate", hop(tries.timed(emulate)))
    graph.add_node("settle", hop(settle))
    graph.add_edge(START, "draft")
    graph.add_conditional_edges("draft", after_draft)
    graph.add_conditional_edges("compile", after_compile)
    graph.add_conditional_edges("emulate", after_emulate, {"__end__": END, "draft": "draft", "settle": "settle"})
    graph.add_edge("settle", END)
    return graph.compile(name="firmware")
