#!/bin/sh
# Creates Temporal's two databases and brings their tables up to this release. Safe to run again: what exists is kept.
# Needs POSTGRES_HOST and POSTGRES_USER; the password is read by temporal-sql-tool itself from SQL_PASSWORD.
set -eu

prepare() {
    database=$1
    schema=/etc/temporal/schema/postgresql/v12/$2/versioned
    for step in "create-database" "setup-schema --version 0.0" "update-schema --schema-dir $schema"; do
        # shellcheck disable=SC2086 # a step is a command with its options
        temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_HOST" --port 5432 --user "$POSTGRES_USER" --database "$database" $step
    done
}

prepare temporal temporal
prepare temporal_visibility visibility
