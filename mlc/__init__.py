"""The language of the product: contracts, identities, errors, decision tables. No I/O, no clock, no randomness."""
