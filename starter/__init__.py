"""Everything that starts or talks to processes: client SDK, command line, gateway, embedded stack."""
