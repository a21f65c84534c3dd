"""FEEL, the expression language of DMN: lexer, grammar, evaluation, built-in functions."""
