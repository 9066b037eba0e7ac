"""Runs of the book: profiles, execution, records, HTML, publishing, sweeps, the command line."""
