"""A classifier of tumours in two versions: the first passes its decision table, the second fails it."""
