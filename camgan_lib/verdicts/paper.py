"""The numbers that the paper states, in one place: what this book is measured against. One is of another paper.

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
NOSTYLE_TRAIN, NOSTYLE_TEST = 50_000, 10_000
SCHWARZ_STEPS = 100_000
"""Training steps of another paper's experiment, which chapter controls repeats (Schwarz, Liao and Geiger)."""

TABLE1: tuple[dict[str, Any], ...] = (
    {"camera": CAMERAS[0], "train": 1.0, "test": 0.9787, "transfer": 0.6548},
    {"camera": CAMERAS[1], "train": 1.0, "test": 0.9948, "transfer": 0.9785},
    {"camera": CAMERAS[2], "train": 1.0, "test": 0.9965, "transfer": 0.9975},
    {"camera": CAMERAS[3], "train": 1.0, "test": 0.6256, "transfer": 0.5485},
)
"""Table 1: CIFAR-10 stylised towards each camera, share taken for it by the auxiliary classifier on training images
and on test images, and by the 8-bit classifier ("transfer")."""

STATED: dict[str, str] = {
    f"{PHOTOS_PER_CAMERA}": "the paper, data: photos of each camera",
    f"{CROPS_PER_PHOTO}": "the paper, data: crops of each photo",
    f"{TRAIN_CROPS:,}": "the paper, data: training crops",
    f"{TEST_CROPS:,}": "the paper, data: test crops",
    f"{TEST_PHOTOS_PER_CAMERA * len(CAMERAS)}": "the paper, data: 11 test photos of each of 4 cameras",
    f"{100 * AUXILIARY_ACCURACY:.1f} %": "the paper, classifier: test crops that are right",
    f"{100 * QUANTIZED_ACCURACY:.2f} %": "the paper, test classifier (8-bit weights): test crops that are right",
    f"{100 * TABLE1[3]['test']:.1f} %": "the paper, Table 1: Samsung Galaxy Note3, test",
    f"{NOSTYLE_TRAIN:,}": "the paper, data of the GAN: CIFAR-10's training images",
    f"{NOSTYLE_TEST:,}": "the paper, data of the GAN: CIFAR-10's test images",
    f"{SCHWARZ_STEPS:,}": "Schwarz, Liao and Geiger (2021), toy experiment: training steps",
}
"""Numbers as the book's text writes them after the role {paper} → which paper states them, where, and of what."""
