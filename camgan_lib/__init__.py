"""camGAN: the library behind a paper that runs (see book/)."""

__version__ = "0.1.0"
