"""Classifiers, style GANs and judges; their training, and the store of trained networks."""
