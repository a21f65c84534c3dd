#!/bin/sh
# Creates the namespace and the search attributes of the product. Safe to run again: what exists is kept.
# Needs what the temporal command itself reads, TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, and RETENTION (such as 90d).
set -eu

# A new namespace is known to every part of the server only after some seconds.
retry() {
    attempt=1
    until "$@"; do
        [ "$attempt" -lt 15 ] || { echo "gave up after $attempt attempts: $*" >&2; exit 1; }
        attempt=$((attempt + 1))
        sleep 2
    done
}

retry temporal operator cluster health

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"

# The command pairs names and types in order: a name without a type of its own is silently left out.
set --
for name in MlcProcess MlcModel MlcSnapshot MlcStage MlcStep MlcOutcome MlcTicket; do
    set -- "$@" --name "$name" --type Keyword
done
retry temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" "$@"
