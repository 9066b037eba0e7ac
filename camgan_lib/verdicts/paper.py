"""The numbers that the paper states, in one place: what this book is measured against.

Source: Li, Xiong, Chen, "Source Camera Style-Transfer GAN: towards a Better Understanding of Source Camera
Identification". Accuracies are fractions. Order of cameras as in the paper's Table 1.
"""

from typing import Any

CAMERAS = ("HTC-1-M7", "iPhone-6", "LG-Nexus-5x", "Samsung Galaxy Note3")
PHOTOS_PER_CAMERA = 275
TEST_PHOTOS_PER_CAMERA = 11
CROPS_PER_PHOTO = 30
TRAIN_CROPS, TEST_CROPS = 31_680, 1_320
EPOCHS, BATCH_SIZE, LEARNING_RATE = 50, 64, 1e-3
AUXILIARY_ACCURACY = 0.926
QUANTIZED_ACCURACY = 0.9318

TABLE1: tuple[dict[str, Any], ...] = (
    {"camera": CAMERAS[0], "train": 1.0, "test": 0.9787, "transfer": 0.6548},
    {"camera": CAMERAS[1], "train": 1.0, "test": 0.9948, "transfer": 0.9785},
    {"camera": CAMERAS[2], "train": 1.0, "test": 0.9965, "transfer": 0.9975},
    {"camera": CAMERAS[3], "train": 1.0, "test": 0.6256, "transfer": 0.5485},
)
"""Table 1: CIFAR-10 stylised towards each camera, share taken for it by the auxiliary classifier on training images
and on test images, and by the 8-bit classifier ("transfer")."""
