"""Files of weights: written from a network, read back without trusting them."""

import io
import pickle
import struct
from pathlib import Path

import torch
from torch import Tensor, nn

from tools.errors import BadInput
from tools.store import write_bytes


def write_weights(path: Path, net: nn.Module) -> None:
    """Write the state_dict of `net`, on the CPU, atomically."""
    buffer = io.BytesIO()
    torch.save({name: value.cpu() for name, value in net.state_dict().items()}, buffer)
    write_bytes(path, buffer.getvalue())


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors by name of a .pt, .pth or .safetensors file; no code in it is run.

    Raises BadInput in one line when it cannot be read or holds no tensors by name.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    damaged = (RuntimeError, EOFError, ValueError, KeyError, IndexError, AttributeError, TypeError, struct.error)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise BadInput(f"{path} is not there: train again, or give the file of weights") from error
    except (OSError, pickle.UnpicklingError, SafetensorError, *damaged) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise BadInput(f"{path} is not a readable file of weights: {first[:200]}") from error
    while isinstance(state, dict) and isinstance(inner := state.get("state_dict", state.get("model")), dict):
        state = inner  # checkpoints of training scripts hold the weights among other things
    tensors = {k: v for k, v in state.items() if isinstance(v, Tensor)} if isinstance(state, dict) else {}
    if not tensors:
        raise BadInput(f"{path} holds no weights by name: give a state_dict saved with torch.save")
    return tensors
