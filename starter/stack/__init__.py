"""The embedded stack: Temporal, the stand-ins, the gateway and a worker as one supervisor's processes."""
