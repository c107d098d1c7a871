"""GCC that has read the header of vector instructions before, which is two fifths of the time of a kernel."""

import subprocess
import tempfile
from contextlib import suppress
from itertools import product
from pathlib import Path

from symtrans.errors import CompilerError
from symtrans.runtime import c_compiler

# Whoever comes first reads the header; until that is done the others read it as ever. GCC may crash on what was read
# under other flags, so each set of them has a folder; the library is the same to the last byte.
SCRIPT = """\
#!/bin/sh
case "$*" in
{cases}
*) exec {compiler} "$@" ;;
esac
header="${{0%/*}}/$kind/vectors.h"
if mkdir "$header.begun" 2>/dev/null; then
    {compiler} $flags -x c-header "$header" -o "$header.new" 2>/dev/null && mv "$header.new" "$header.gch"
fi
exec {compiler} -include "$header" "$@"
"""
CASE = '"{begin} {end} "* | "{begin} -DWITHOUT_VJP {end} "*) kind={kind} flags="{begin} {end}" ;;'
HEADER = "#if defined __x86_64__ && defined __AVX2__\n#include <immintrin.h>\n#endif\n"
KINDS = {f"{level or 'shipped'}{openmp}": (level, openmp) for level, openmp in product(("-O1", ""), ("", "-fopenmp"))}


def quick_compiler(folder):
    """The compiler of kernels as a script in a new folder, which remembers the header; None where it is not GCC."""
    try:
        (compiler,) = c_compiler.find_compiler()
        version = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    except (ValueError, CompilerError, OSError, subprocess.CalledProcessError):
        return None
    if "Free Software Foundation" not in version:
        return None
    cases = []
    for kind, (level, openmp) in KINDS.items():
        (folder / kind).mkdir(parents=True)
        (folder / kind / "vectors.h").write_text(HEADER)
        begin = " ".join(filter(None, (*c_compiler._FLAGS, level)))
        end = " ".join(filter(None, (openmp, *c_compiler._TUNING[0])))
        cases.append(CASE.format(begin=begin, end=end, kind=kind))
    script = folder / "cc"
    script.write_text(SCRIPT.format(cases="\n".join(cases), compiler=compiler))
    script.chmod(0o755)
    return script


def shared_compiler(folder):
    """The same script for all workers of a run, as libraries are found again under the name of their compiler."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        script = quick_compiler(Path(own, "compiler"))
        if script is None:
            return None
        with suppress(OSError):  # another worker came first
            script.parent.rename(folder / "compiler")
    return folder / "compiler" / script.name
