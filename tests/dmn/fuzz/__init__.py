"""A fuzzer of decision tables: whatever is thrown at them, only `DmnError` may come out, soon and in one line.

`python -m tests.dmn.fuzz --count 100000 --seed 1 --processes 2` examines that many mutated files, random tables, cells and
expressions with random inputs, each in a process that may die. It mutates the models of the conformance kit where
MLC_CONFORMANCE_DIR, or ../shared/conformance, holds it. Findings are told smaller than they were met, once for each kind;
`--case SEED:INDEX` replays one. It returns 1 where anything was found.
"""
