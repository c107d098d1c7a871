"""``python -m symtrans`` is the command ``symtrans``."""

from symtrans.cli import main

if __name__ == "__main__":
    main()
