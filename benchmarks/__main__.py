"""One way to call the measurements: ``python -m benchmarks COMMAND [options]``; with no command it lists them."""

import sys
from importlib import import_module

COMMANDS = {
    "goals": "import, first command, derivations, answers from memory, calls of a kernel: each beside its goal",
    "kernels": "kernels beside their peers and the machine; writes docs/performance.md",
    "images": "kernels of images and volumes beside theirs; writes a part of docs/performance.md",
    "against": "this checkout beside another: import, families, kernels, in one interleaved run",
    "analysis": "the engine beside plain SymPy, family by family; writes docs/analysis.md",
    "fuzz": "random nonlinearities against 60 digits",
    "training": "a training step in PyTorch: symtrans.torch beside the same block by hand, eager and compiled",
    "op": "what PyTorch adds to a call of a kernel: the op and modules over the C function",
    "denoisers": "networks trained on real data, with and without a guarantee; writes docs/training.md",
    "schemes": "explicit, semi-implicit and FSI steps to one stopping time: error over time spent",
    "scale": "arrays larger than memory beside the bare kernel and the disk; overhead of Dask, memory, workers",
    "floats": "kernels of formulas with parameters at 10^k over the range of a dtype, against 60 digits",
    "stress": "signals made to break the max-min principle in floating point",
    "load": "many users of `symtrans explore` at once",
}


def main() -> int:
    """Run the command that is named first; its module has a ``main`` of its own."""
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("-h", "--help"):
        print(__doc__, *(f"  {command:10}{words}" for command, words in COMMANDS.items()), sep="\n")
        return 0
    if name not in COMMANDS:
        print(f"there is no command {name!r}; take one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    sys.argv[0:2] = [f"python -m benchmarks {name}"]  # what argparse prints as the program
    return int(import_module(f"benchmarks.{name}").main())


if __name__ == "__main__":
    sys.exit(main())
