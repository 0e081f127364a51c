"""CIFAR-10 and CIFAR-100 in their publisher's Python files, read by torchvision from a folder of the person's.

Nothing is downloaded: a folder that does not hold the files is refused with the command that fetches them.
"""

import re
from pathlib import Path

import numpy as np

from tools.errors import BadInput
from tools.samples import Samples

_SOURCE = re.compile(r"(cifar10|cifar100):(.*)", re.IGNORECASE | re.DOTALL)
_LOADERS = {"cifar10": "CIFAR10", "cifar100": "CIFAR100"}


def public_set(source: str) -> Samples | None:
    """The samples of `cifar10:PATH` or `cifar100:PATH`; None for any other source.

    Pictures are uint8 (32, 32, 3), the publisher's training and test part joined. Raises BadInput when PATH does not
    hold the data set.
    """
    found = _SOURCE.fullmatch(source)
    if found is None:
        return None
    name, folder = found[1].lower(), Path(found[2]).expanduser()
    loader = _LOADERS[name]
    from torchvision import datasets

    fetch = f"python -c \"from torchvision.datasets import {loader}; {loader}('{found[2] or 'PATH'}', download=True)\""
    try:
        parts = [getattr(datasets, loader)(str(folder), train=train) for train in (True, False)]
    except (RuntimeError, OSError) as error:  # RuntimeError: "Dataset not found or corrupted"
        raise BadInput(
            f"{folder} does not hold {loader} as its publisher packs it: give {name}:FOLDER with the unpacked files in "
            f"it, or fetch them with: {fetch}"
        ) from error
    pictures = np.concatenate([part.data for part in parts])
    labels = [parts[0].classes[label] for part in parts for label in part.targets]
    samples = Samples("image", list(pictures), labels, ("red", "green", "blue"))
    samples.notes.append("joined the publisher's training and test part; the split is made anew")
    return samples
