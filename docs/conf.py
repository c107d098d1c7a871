"""How the documentation is built: ``make docs``. Nothing is fetched, neither by the build nor by the pages."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

from symtrans import __version__  # noqa: E402

project = "symtrans"
version = release = __version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_nb", "mathml", "from_code", "family_pages"]

# the notebooks are text without outputs: a diff shows what changed, and each build shows what the code does now
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a page may begin at any level
html_math_renderer = "mathml"

napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say the types in words

exclude_patterns = ["_build", "plugin"]
html_theme = "furo"
html_title = f"symtrans {version}"
html_static_path = ["static"]
html_css_files = ["formulas.css"]
html_show_copyright = False
html_copy_source = False
