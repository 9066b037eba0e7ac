"""Measurements: accuracy, spectra, explanations, perturbations, and the statistics behind intervals."""
