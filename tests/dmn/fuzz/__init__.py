"""A fuzzer of decision tables: whatever is thrown at them, only `DmnError` may come out, soon and in one line.

Run it with `python -m tests.dmn.fuzz --count 100000 --seed 1`.
"""
