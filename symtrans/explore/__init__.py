"""The page to explore (extra "explore"): what is asked becomes a value, what is answered is computed apart."""
