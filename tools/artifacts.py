"""What travels between stages: frozen models, units in the names. Arrays and binaries stay in the run folder."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Artifact(BaseModel):
    """Base: immutable, and unknown keys are errors rather than silently dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- plan -------------------------------------------------------------------------------------------


class Budgets(Artifact):
    """Upper limits; None means that only the chip itself limits."""

    ram_bytes: int | None = None
    """Static RAM of the whole firmware (.data + .bss)."""
    flash_bytes: int | None = None
    """Flash of the whole firmware."""
    arena_bytes: int | None = None
    """Tensor arena: activations at the worst moment of one inference."""
    macs: int | None = None
    """Multiply-accumulates of one inference."""


class Condition(Artifact):
    """When a rule applies, besides its trigger; every given field must hold."""

    labels: tuple[str, ...] = ()
    """The result is one of these; empty: any."""
    not_labels: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    """The result before this one was one of these."""
    confidence_min: float | None = None
    """0..1, softmax probability of the winning class."""
    confidence_below: float | None = None
    streak_min: int | None = None
    """At least so many results in a row are this label."""
    held_ms_min: int | None = None
    """The label has held for at least so long, told at each result."""
    button_pressed: int | None = None
    """Pin of a push button to ground that is held down."""
    button_released: int | None = None
    flag: str | None = None
    """A flag of this name is set (see Flag)."""
    not_flag: str | None = None
    proximity_below: int | None = None
    """Something is nearer than this: 0 near .. 255 nothing there."""
    proximity_min: int | None = None
    counter: str = ""
    """Of `count_min` and `count_every`: which counter (see Count); empty: that of the result's label."""
    count_min: int | None = None
    count_every: int | None = None
    """The count is a multiple of this, and not 0."""


class Print(Artifact):
    """Print a line; tools/behaviour.py names the fields in braces that the template may hold."""

    kind: Literal["print"] = "print"
    template: str


class Led(Artifact):
    """Set a LED of the board by name (red, green, blue, builtin)."""

    kind: Literal["led"] = "led"
    name: str
    state: Literal["on", "off", "toggle", "blink", "only"] = "on"
    """`only`: on, and every other LED off."""
    times: int = 1
    """Of `blink`: how many flashes."""
    by_index: bool = False
    """Of `blink`: instead of `times`, as many flashes as the label's place among the classes, the first being 1."""
    duration_ms: int | None = None
    """Of `on`/`off`: reverts after this long; of `blink`: length of a flash and of the gap."""


class Pin(Artifact):
    """Drive a digital pin, or PWM with `duty` 0..255."""

    kind: Literal["pin"] = "pin"
    pin: int
    state: Literal["high", "low", "toggle", "blink", "pwm"] = "high"
    duty: int | None = None
    by_confidence: bool = False
    """Of `pwm`: instead of `duty`, the result's confidence times 255."""
    times: int = 1
    """Of `blink`: how many pulses."""
    by_index: bool = False
    """Of `blink`: as for a LED."""
    duration_ms: int | None = None


class Count(Artifact):
    """Add one to a counter, or set it back to 0."""

    kind: Literal["count"] = "count"
    counter: str = ""
    """A name of its own; empty: the counter of the result's label (of every label, for `reset`)."""
    state: Literal["add", "reset"] = "add"


class Flag(Artifact):
    """Set, clear or toggle a flag, which gates other rules; cleared at power-up."""

    kind: Literal["flag"] = "flag"
    name: str
    state: Literal["set", "clear", "toggle"] = "set"


Action = Annotated[Print | Led | Pin | Count | Flag, Field(discriminator="kind")]


class Rule(Artifact):
    """One demanded behaviour: when `trigger` happens and `condition` holds, do `actions`.

    Triggers: `while` holds the outputs as long as the condition holds and reverts them after; `result` at each
    inference; `change` when the label differs from the last one; `becomes` when at a result the condition begins to
    hold, or goes on to hold with another of its `labels`; `every` each `period_ms`; `start` once in setup; `serial`
    when the line `text` was received; `pressed` and `released` when the button at `pin` (to ground) was.
    """

    trigger: Literal["while", "result", "change", "becomes", "every", "start", "serial", "pressed", "released"]
    condition: Condition = Condition()
    actions: tuple[Action, ...]
    period_ms: int | None = None
    text: str = ""
    pin: int | None = None
    linger_ms: int | None = None
    """Of `while`: how long an output stays on after the condition has ended."""


class Decision(Artifact):
    """Which of the network's results count, and as what, before any rule sees them; by default each as it is."""

    pace_ms: int = 0
    """Only results at least so far apart are computed; the board sleeps between them."""
    majority: int = 1
    """The label that most of the last so many results have; of two with as many, the one seen last."""
    stable_results: int = 1
    """A result counts only once its label has come so many times in a row."""
    stable_ms: int = 0
    """A result counts only once its label has come for so long."""


class TaskSpec(Artifact):
    """What the person wants, resolved against the facts of hw/."""

    request: str
    name: str
    """Slug: [a-z][a-z0-9_]*, names the sketch."""
    board: str
    sensor: str
    """Key of hw/sensors: color, imu, serial, ..."""
    classes: tuple[str, ...]
    budgets: Budgets = Budgets()
    behaviour: tuple[Rule, ...] = ()
    decision: Decision = Decision()
    names: dict[str, str] = {}
    """What `{name}` prints for a label, e.g. in another language; a label that is not here is printed as it is."""
    data: str | None = None
    """Path, or name of a built-in data set."""
    questions: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    """What was perhaps not understood: a person is asked, and where nobody can answer the plan is not carried out."""


# --- data -------------------------------------------------------------------------------------------


class DataCard(Artifact):
    """What the loader found, before any processing."""

    source: str
    sha256: str
    kind: Literal["tabular", "series", "image", "audio"]
    """tabular: single readings; series: recordings of several readings; image: H x W x C pixels; audio: sound."""
    classes: tuple[str, ...]
    counts: dict[str, int]
    """Samples (tabular, image) or recordings (series, audio) per class."""
    channels: tuple[str, ...]
    """Names in the order of the arrays' last axis."""
    units: tuple[str, ...] = ()
    sample_rate_hz: float | None = None
    recording_samples: tuple[int, int] | None = None
    """Shortest and longest recording, in samples."""
    image_shape: tuple[int, int, int] | None = None
    missing: int = 0
    duplicates: int = 0
    minimum: tuple[float, ...] = ()
    maximum: tuple[float, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    rows_sum_to_one: bool = False
    """The channels of every row are shares of their sum, so the device must divide as well."""
    notes: tuple[str, ...] = ()


class Clean(Artifact):
    """Drop rows with missing values, and exact duplicates of a row where they would leak over the split."""

    step: Literal["clean"] = "clean"
    drop_missing: bool = True
    drop_duplicates: bool = False


class Ratio(Artifact):
    """Divide each reading by the sum of its channels; `in_data`: the data are ratios, so only the device divides."""

    step: Literal["ratio"] = "ratio"
    in_data: bool = False


class Scale(Artifact):
    """Multiply each channel by a constant: from the sensor library's unit to the data's unit, on the device only."""

    step: Literal["scale"] = "scale"
    factors: tuple[float, ...]


class Clip(Artifact):
    """Limit each channel to what the sensor can deliver, in the data's unit."""

    step: Literal["clip"] = "clip"
    low: tuple[float, ...]
    high: tuple[float, ...]


class Resample(Artifact):
    """Linear resampling of each recording."""

    step: Literal["resample"] = "resample"
    rate_hz: float


class Spectrogram(Artifact):
    """Sound -> logarithmic energies of `bands` mel bands from `low_hz` to `high_hz`, a frame of them every `hop_ms`."""

    step: Literal["spectrogram"] = "spectrogram"
    rate_hz: int = 16_000
    """Of the sound, in Python and on the device."""
    frame_ms: int = 32
    hop_ms: int = 20
    bands: int = 16
    low_hz: float = 125.0
    high_hz: float = 7500.0
    floor: float = 100.0
    """Energy of a tone of 10 counts of 16 bits: what is quieter counts as silence."""


class Picture(Artifact):
    """Grey pictures of `width` x `height` pixels: the data's are scaled, the device scales its camera's frames."""

    step: Literal["picture"] = "picture"
    width: int
    height: int


class Window(Artifact):
    """Cut recordings into windows of `size` samples (of frames after `spectrogram`), a new one every `stride`."""

    step: Literal["window"] = "window"
    size: int
    stride: int


class Normalise(Artifact):
    """(x - offset) * gain per channel; the values are fitted on the training split and filled in then."""

    step: Literal["normalise"] = "normalise"
    method: Literal["zscore", "minmax", "none"] = "zscore"
    offset: tuple[float, ...] = ()
    gain: tuple[float, ...] = ()


class Augment(Artifact):
    """Training only: Gaussian noise (in normalised units) and a random gain of 1 +- `gain`; never on the device."""

    step: Literal["augment"] = "augment"
    noise: float = 0.0
    gain: float = 0.0
    flip: bool = False
    """Pictures: every other one mirrored left to right."""
    shift: int = Field(default=0, ge=0, le=64)
    """Pictures: moved by up to so many pixels, the edge repeated."""


class Split(Artifact):
    """Stratified by class; all windows of a recording fall into one part."""

    step: Literal["split"] = "split"
    validation: float = 0.2
    test: float = 0.2


Step = Annotated[
    Clean | Picture | Ratio | Scale | Clip | Resample | Spectrogram | Window | Normalise | Augment | Split,
    Field(discriminator="step"),
]


class Recipe(Artifact):
    """Processing steps in order; the same steps run in Python and, from `ratio` to `normalise`, as C on the device."""

    steps: tuple[Step, ...]
    rationale: str = ""


class Prepared(Artifact):
    """The result of running a recipe; arrays are in data/arrays.npz.

    arrays.npz: x_train x_validation x_test (N, *input_shape) float32, y_* (N,) int64, and g_* (N,) int64,
    the index of the recording (or row) a sample was cut from.
    """

    arrays: str
    """Path relative to the run folder."""
    input_shape: tuple[int, ...]
    """Channels last, without the batch: (F,), (T, C) or (H, W, C)."""
    classes: tuple[str, ...]
    samples: dict[str, int]
    """train, validation, test."""
    recipe: Recipe
    """With the fitted values."""
    sha256: str


# --- search -----------------------------------------------------------------------------------------


class Stage(Artifact):
    """One stage of the skeleton. `dense` is for the MLP form, where `channels` counts units and the rest is ignored."""

    block: Literal["conv", "dsconv", "mbconv", "dense"]
    channels: int = Field(ge=1, le=512)
    kernel: Literal[1, 3, 5, 7] = 3
    stride: Literal[1, 2] = 1
    depth: int = Field(default=1, ge=1, le=4)
    """Repetitions; only the first has the stride."""
    expansion: int = Field(default=4, ge=1, le=6)
    """Of mbconv."""
    skip: bool = False
    """Residual connection of those repetitions whose input and output have the same shape."""


class Architecture(Artifact):
    """A network in the staged skeleton (arXiv 2504.09685: 5 stages; here 1 to 7, 1-D, 2-D and MLP)."""

    form: Literal["mlp", "conv1d", "conv2d"]
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=7)
    activation: Literal["relu", "relu6"] = "relu"


class Estimate(Artifact):
    """Cost of a network before training, from the planner that also lays out the device's memory."""

    macs: int
    params: int
    arena_bytes: int
    model_flash_bytes: int
    """Weights, biases and quantisation tables as they stand in flash."""
    ram_bytes: int
    """Predicted static RAM of the whole firmware."""
    flash_bytes: int
    """Predicted flash of the whole firmware."""
    violations: tuple[str, ...] = ()
    """A sentence for each budget that is broken, with both numbers; empty: feasible."""


class Verdict(Artifact):
    """What the validator says: `fits` and `hint` come from the small local model, the rest is arithmetic."""

    feasible: bool
    fits: bool | None = None
    hint: str = ""


class Candidate(Artifact):
    """One proposed network and what became of it: a line of search/candidates.jsonl."""

    id: str
    round: int
    author: str
    """llm, repair, mutation, random, ..."""
    architecture: Architecture
    rationale: str = ""
    flags: tuple[str, ...] = ()
    """Claims of the rationale that the figures contradict."""
    estimate: Estimate | None = None
    verdict: Verdict | None = None
    status: Literal["proposed", "duplicate", "rejected", "skipped", "trained", "failed"]
    """Skipped: feasible, but others promised more; it may still be trained in a later round."""
    reason: str = ""
    accuracy: float | None = None
    """On the validation split, 0..1, after mini-training."""
    seconds: float = 0.0


class Front(Artifact):
    """Pareto front: accuracy up; MACs, arena and flash down."""

    members: tuple[str, ...]
    """Ids of candidates, most accurate first."""
    hypervolume: float
    """Of (accuracy, MACs, arena, flash) normalised to 0..1; the reference point is in tools/pareto.py."""
    history: tuple[float, ...] = ()
    """Hypervolume after each round."""
    stuck: int = 0
    """Latest rounds in a row that brought the hypervolume nothing."""


# --- train, convert ---------------------------------------------------------------------------------


class Trained(Artifact):
    """A trained network; weights in `weights` (a state_dict), paths relative to the run folder."""

    architecture: Architecture
    input_shape: tuple[int, ...]
    classes: tuple[str, ...]
    weights: str
    accuracy_train: float
    accuracy_validation: float
    epochs: int
    seconds: float
    curve: tuple[dict[str, float], ...] = ()
    """Per epoch: loss, accuracy_validation."""
    distilled: bool = False
    note: str = ""
    """What the distillation guard did and why."""


class TeacherPlan(Artifact):
    """Size and training of the vision transformer that teaches (tools/teacher.py); the default is trained on the task.

    ViT-B/16 of arXiv 2010.11929: embed_dim 768, depth 12, heads 12, with a timm state_dict as `weights`.
    """

    embed_dim: int = Field(default=48, ge=4)
    depth: int = Field(default=3, ge=1)
    heads: int = Field(default=4, ge=1)
    epochs: int = Field(default=40, ge=1)
    lr: float = Field(default=3e-3, gt=0)
    weights: str | None = None


class Parity(Artifact):
    """Byte-for-byte comparison of INT8 outputs with TFLM's."""

    vectors: int
    bytes: int
    mismatches: int
    on: str
    """Where the other side ran: host, nano33ble (emulated), ..."""


class Converted(Artifact):
    """The INT8 model as .tflite and as C; paths relative to the run folder."""

    tflite: str
    c_dir: str
    """Holds model.h with the MODEL_* macros and `void model_infer(const int8_t *in, int8_t *out)`."""
    input_shape: tuple[int, ...]
    classes: tuple[str, ...]
    input_scale: float
    input_zero_point: int
    output_scale: float
    output_zero_point: int
    arena_bytes: int
    macs: int
    model_flash_bytes: int
    accuracy_float: float | None = None
    accuracy_int8: float | None = None
    """Both on the test split; INT8 by TFLM. None for a deployed model without a float original or without test data."""
    confusion_float: tuple[tuple[int, ...], ...] = ()
    confusion_int8: tuple[tuple[int, ...], ...] = ()
    parity: Parity


# --- firmware ---------------------------------------------------------------------------------------


class Diagnostic(Artifact):
    """One message of the compiler or linker."""

    severity: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    context: tuple[str, ...] = ()


class Build(Artifact):
    """Result of arduino-cli compile. `ok` False comes with diagnostics, True with sizes and files (absolute paths)."""

    ok: bool
    fqbn: str
    core: Literal["emulated", "real"]
    elf: str = ""
    flash_bytes: int = 0
    flash_max_bytes: int = 0
    ram_bytes: int = 0
    ram_max_bytes: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0


class SerialLine(Artifact):
    """A finished line of serial output, at the time of its newline."""

    t_ms: int
    text: str


class PinEvent(Artifact):
    """A change of an output. `value` is 0/1 in mode digital, 0..255 in mode pwm, Hz in mode tone."""

    t_ms: int
    pin: int
    name: str
    mode: str
    value: int


class Emulation(Artifact):
    """What the emulated board did: exactly repeatable, in virtual time."""

    status: Literal["done", "crash", "hang", "timeout"]
    reason: str = ""
    """Of a crash: kind of fault and source line."""
    virtual_ms: int
    instructions: int
    serial: tuple[SerialLine, ...] = ()
    pins: tuple[PinEvent, ...] = ()
    stack_bytes: int | None = None
    """High-water mark."""
    heap_bytes: int | None = None
    heap_growth: tuple[tuple[int, int], ...] = ()
    """(t_ms, bytes) when the heap's high-water mark rose, at most one a second."""
    baud: int | None = None
    """Bits per second of the serial line, on an AVR as its clock divides; 0: never opened; None: not known."""
    seconds: float = 0.0


class CheckResult(Artifact):
    """One behaviour check on the emulated board, as a sentence, with what was seen when it failed."""

    check: str
    passed: bool
    seen: str = ""
    exercised: bool = True
    """False: nothing that was shown could tell; then it is not passed, and not held against the board."""


class Firmware(Artifact):
    """The accepted sketch and how it came about."""

    board: str
    sketch: str
    """Folder, relative to the run folder."""
    elf: str
    author: Literal["drafted", "rules"]
    """Who wrote the application's part that was accepted: the language model, or the generator from the rules."""
    tries: int
    """Drafts of the language model that were compiled."""
    model_lines: int
    """Lines of the accepted sketch that a language model wrote."""
    total_lines: int
    build: Build
    parity: Parity
    checks: tuple[CheckResult, ...]
    history: tuple[dict[str, Any], ...] = ()
    """Of each try: source hash, stage reached, what was wrong; at last why nothing more was drafted."""
    disagreement: str = ""
    """Where the drafts did something else than the rules, and which of them was taken by whom; empty: nowhere."""
