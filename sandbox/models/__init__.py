"""The demonstration models: code, data, decision tables, and the catalogue that offers them as stored models."""
