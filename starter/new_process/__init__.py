"""`mlc new-process`: writes a package with a working process, whose files are in `template`."""
