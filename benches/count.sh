#!/bin/sh
# Instructions, which do not depend on what else the machine does, so that a change that costs 10 % is seen. Needs valgrind.
#   sh benches/count.sh            counts, beside those kept in benches/results/counts.json
#   sh benches/count.sh --keep     and keeps them there
#   sh benches/count.sh PATCH      only what has that in its name
#
# A line of `count` each: the bench, how many pieces of work its function `run` does, and what to do. It is started with
# `--count` and the arguments, and what its `#[inline(never)] fn run` costs is counted, divided by the pieces.
set -eu
cd "$(dirname "$0")/.."
count() { echo "$@"; }
{
    # One document of 1.6 KB: raw text, many in one text, and parsed first.
    for mode in checked trusted scan scan-trusted value; do
        for filter in F1 F2 F3 F4 F5; do
            count scan 1000 "$mode" "$filter"
        done
    done
    # One document in memory, by the engine and by a predicate.
    for mode in match by-hand; do
        for filter in F1 F2 F3 F4 F5; do
            count filter 1000 "$mode" "$filter"
        done
    done
    # A filter parsed, and parsed and compiled.
    for mode in parse compile; do
        for filter in F1 F2 F3 F4 F5; do
            count filter 1000 "$mode" "$filter"
        done
    done
    # A PATCH of a user: applied, read from bytes, both.
    for mode in apply read request; do
        count patch 1000 "$mode"
    done
    # A group of 10,000: one member more, 1,000 fewer; on values and on text.
    for mode in group-add group-add-bytes group-remove group-remove-bytes; do
        count patch 1 "$mode"
    done
} | "${PYTHON:-python3}" benches/count.py "$@"
