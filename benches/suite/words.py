"""The sentences of the report."""

SOURCE = (
    "`make bench` measured these figures on {machine}. `benches/suite` wrote this page and its pictures from "
    "`target/bench/results.json`, which has all figures with their quartiles and samples. That file is not in the "
    "repository; the file of the run of a release is attached to the release."
)
CONTEST = (
    "The corpus has {documents:,} users of {bytes_per_document:,.0f} bytes of JSON on average, one on each line "
    "({megabytes:,.0f} MB). In each of {rounds} rounds, all contenders run all filters in turns, by the wall clock. "
    "Slow contenders read only the first documents, as many as the column says; all figures are for one document. The "
    "time that a command takes on an empty file is subtracted. Each contender must first find the same documents as "
    "this engine. All contenders use one thread unless stated otherwise."
)
RATIOS = (
    "A ratio is the time of the contender divided by that of this engine, the median over the rounds: above 1, this "
    "engine is faster. Contenders with two threads are compared with this engine with two. An index does not read the "
    "documents: its time is that of a look-up, divided by the number of documents."
)
PATCH = (
    "The work begins with the text of a request and ends with the changed resource. The requests have four operations "
    "on a user; and, on a group of 10,000, the addition of a member, and 100 removals, one operation each. A cell "
    "shows the time, and its ratio to that of this engine. scim-kit and json-patch add a member without checking "
    "whether it exists, and json-patch is given the positions."
)
AIMS = "A cell shows how many times faster this engine is (median), and by how much the aim is missed."
MEMORY = "The bytes are allocated for one document, on average."
SLOPES = (
    "A slope is the least-squares fit of the logarithms of the quickest round and of the size: over all sizes, over "
    "the last two decades, and over the last two decades of the cost above that of the smallest size (for sizes of at "
    "least four times the smallest). The last column judges the second slope for documents and members, whose fixed "
    "cost is negligible, and the third for operations, terms and bytes."
)
SIZES = (
    "Cost against size. Slopes: for documents and members over the last two decades; for the others, of the cost "
    "above that of the smallest size"
)
