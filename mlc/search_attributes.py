"""The search attributes by which processes are found, all of type Keyword.

A Temporal server must know them before the first process starts.
"""

MLC_PROCESS = "MlcProcess"
MLC_MODEL = "MlcModel"
MLC_SNAPSHOT = "MlcSnapshot"
MLC_STAGE = "MlcStage"
MLC_STEP = "MlcStep"
MLC_OUTCOME = "MlcOutcome"
MLC_TICKET = "MlcTicket"

ALL = (MLC_PROCESS, MLC_MODEL, MLC_SNAPSHOT, MLC_STAGE, MLC_STEP, MLC_OUTCOME, MLC_TICKET)
