"""What the paper states, and what a run says of it: claims, rules, verdicts, comparison of runs."""
