#!/bin/sh
# Instructions for one document, by mode and filter: counts do not depend on what else the machine does, so that a change that
# costs 10 % is seen. Needs valgrind. `sh benches/count.sh`
set -eu
cd "$(dirname "$0")/.."
bench=$(cargo bench --locked --bench scan --no-run 2>&1 | sed -n 's/.*Executable benches\/scan.rs (\(.*\)).*/\1/p')
echo '| mode | F1 | F2 | F3 | F4 | F5 |'
echo '|---|---|---|---|---|---|'
for mode in checked trusted scan scan-trusted value; do
    row="| $mode |"
    for filter in F1 F2 F3 F4 F5; do
        total=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='scan::run*' \
            "$bench" --count "$mode" "$filter" 2>&1 | sed -n 's/.*Collected : \([0-9]*\).*/\1/p')
        row="$row $((total / 1000)) |"
    done
    echo "$row"
done
