"""Writes anrf/testdata/cases/builtins: what each builtin is worth, by models that know no engine of the language.

    python3 anrf/testdata/make/builtins_cases.py [FOLDER]

Needs CPython 3.11 and nothing else.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True

import containers  # noqa: E402, F401
import data  # noqa: E402, F401
import scalars  # noqa: E402, F401
import texts  # noqa: E402, F401
from oracle import write  # noqa: E402

TARGET = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "cases" / "builtins"
TARGET.mkdir(exist_ok=True)
print(f"{write(TARGET)} cases")
