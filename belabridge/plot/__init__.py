"""Live pictures of a board's variables: a page and its data, served to a browser on this computer."""
