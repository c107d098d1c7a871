"""The commands by their titles, in the order of the help page: named without loading one, for who asks at a tab."""

TITLES = {
    "Look round": ("list", "search", "shell"),
    "Derive and prove": ("translate", "certify"),
    "Write it down": ("table", "plot", "paper", "report", "explore"),
    "Compute with it": ("generate", "denoise"),
    "Look after it": ("check", "doctor"),
}
