"""The processes, one a file. `run` is the table of contents of its process."""
