#!/bin/sh
# Counts instructions, which do not depend on other load, so that a change of 10 % is visible. Needs valgrind.
#   sh benches/count.sh            compares the counts with those kept in benches/results/counts.json
#   sh benches/count.sh --keep     keeps the new counts there
#   sh benches/count.sh patch      counts only the works with this in their name
#
# Each line of `count` names a bench, the number of repetitions in its function `run`, and the arguments. The bench is
# started with `--count` and the arguments; the count is that of its `#[inline(never)] fn run`, divided by the repetitions.
set -eu
cd "$(dirname "$0")/.."
count() { echo "$@"; }
filters="equality conjunction value-path date extension"
{
    # One document of 1.6 KB: as raw text, as one of many in a text, and as a value that is parsed first.
    for mode in checked trusted scan scan-trusted value; do
        for filter in $filters; do
            count scan 1000 "$mode" "$filter"
        done
    done
    # One document in memory, by the engine and by a predicate.
    for mode in match by-hand; do
        for filter in $filters; do
            count filter 1000 "$mode" "$filter"
        done
    done
    # A filter, parsed, and parsed and compiled.
    for mode in parse compile; do
        for filter in $filters; do
            count filter 1000 "$mode" "$filter"
        done
    done
    # A PATCH of a user: applied, read from bytes, and both.
    for mode in apply read request; do
        count patch 1000 "$mode"
    done
    # A PATCH of a group of 10,000, adding one member or removing 1,000, on values and on text.
    for mode in group-add group-add-bytes group-remove group-remove-bytes; do
        count patch 1 "$mode"
    done
} | "${PYTHON:-python3}" benches/count.py "$@"
