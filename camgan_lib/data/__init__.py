"""Images and where they come from: rendered scenes, simulated cameras, photos, crops, images without a style."""
