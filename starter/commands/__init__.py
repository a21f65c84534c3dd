"""The commands of `mlc`, a module for what belongs together."""
