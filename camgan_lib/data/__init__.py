"""Images and where they come from: scenes, simulated cameras, photos, crops, no-style images."""
