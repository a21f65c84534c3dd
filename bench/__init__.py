"""Benchmarks: programs that measure the running product, and no tests."""
