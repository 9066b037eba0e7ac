"""What the paper states and what a run says of it: claims, rules and verdicts, sentences, comparison of runs."""
