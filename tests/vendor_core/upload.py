"""Upload tool of the tests' platform: usage upload.py PORT ELF. Puts the ELF where the virtual board looks for it."""

import os
import shutil
import sys
from pathlib import Path

port, elf = Path(sys.argv[1]), Path(sys.argv[2])
if not port.exists():
    sys.exit(f"error: no device found on {port}")
part = port.with_name("upload.part")
shutil.copy(elf, part)
os.replace(part, port.with_name("upload.elf"))
sys.stdout.write(f"wrote {elf.stat().st_size} bytes\n")
