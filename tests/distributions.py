"""Packages as pip leaves them: modules, and a folder that says what they are and what they add."""


def install(folder, name, entry_points, **modules):
    """Put version 1.0 of a package into a folder of packages; its entry points as "group: name = place"."""
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text)
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = []
    for point in entry_points:
        group, place = point.split(": ")
        lines += [f"[{group}]", place]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
