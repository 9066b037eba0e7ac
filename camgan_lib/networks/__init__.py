"""Classifiers, style GANs and other judges of images; their training, and the store of trained networks."""
