"""A reference implementation of docs/MEANING.md, written from the page and the RFCs alone."""
