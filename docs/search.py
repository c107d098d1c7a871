"""Searches built pages: ``python docs/search.py FOLDER WORD=PAGE ...`` fails where a word does not find its page."""

import json
import re
import sys
from pathlib import Path

import snowballstemmer

stemmers = [snowballstemmer.stemmer(name) for name in ("english", "porter")]  # Sphinx has changed from one to the other
text = Path(sys.argv[1], "searchindex.js").read_text(encoding="utf-8")
index = json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)\s*", text, re.DOTALL)[1])
for word, page in (pair.split("=") for pair in sys.argv[2:]):
    stems = {word, *(stemmer.stemWord(word) for stemmer in stemmers)}
    found = [index[part][stem] for part in ("terms", "titleterms") for stem in stems if stem in index[part]]
    pages = {index["docnames"][k] for one in found for k in ([one] if isinstance(one, int) else one)}
    if page not in pages:
        sys.exit(f"{word!r} does not find the page {page}; it finds {sorted(pages)}")
