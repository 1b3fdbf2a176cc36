"""The sentences of the report."""

CONTEST = (
    "{documents:,} users of {bytes_per_document:,.0f} bytes of JSON each, a line each ({megabytes:,.0f} MB). "
    "{rounds} rounds, in each all filters by all contenders in turns, by the wall clock. Slow ones go over the "
    "first documents alone: the column says how many; all figures are for one document. Of commands, what they "
    "take on an empty file is taken off. Before it is measured, each has to find the same documents as ours. One "
    "thread, where not said."
)
RATIOS = (
    "The time of each over that of ours, the median over the rounds: above 1 ours is faster. What has two threads "
    "is beside ours with two. An index is not gone over: its time is that of a look-up over the number of documents."
)
PATCH = (
    "From the text of a request to the changed resource: four operations on a user; one member more, and 100 "
    "removals, one operation each, in a group of 10,000. Time, and how often that of ours. "
    "scim-kit and json-patch add a member without looking whether it is there, and json-patch is told the positions."
)
SLOPES = (
    "Slopes of least squares of the logarithm of the quickest round against that of the size: over all sizes, "
    "over the last two decades, and over the last two decades of what is above the smallest size in both "
    "(of sizes at least four times that). The last column judges the second for documents and "
    "members, which have next to no fixed cost, and the third for operations, terms and bytes, which do."
)
SIZES = (
    "Cost against size. Slopes: of documents and members over the last two decades, of the others of what is "
    "above the smallest"
)
