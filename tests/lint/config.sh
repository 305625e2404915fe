#!/bin/sh
# The configuration that comes with the programs is sound.
set -u
RTA_CONFIG=$ROOT/config "$BIN/rta-config" check --quiet 2>&1
