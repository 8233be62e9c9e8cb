"""The networks that `classifycloud models fetch` knows: what each is, how its pictures are prepared.

Data alone; `training.architectures.applications` builds them. Parameters and multiply-adds are counted on the
networks as built, with 1 000 classes.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from classifier.manifest import Preprocessing

Scaling: TypeAlias = Literal["signed", "caffe", "own"]
"""What happens to a value of 0..255 inside the network: to -1..1; BGR less the mean of ImageNet's training
pictures; or what the architecture's own first layers do."""

CLASSES = 1000
_GOOGLE = "https://storage.googleapis.com/"
_APPLICATIONS = f"{_GOOGLE}tensorflow/keras-applications"


@dataclass(frozen=True)
class Download:
    """A file, and the hash that Keras Applications states for it."""

    url: str
    md5: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class Architecture:
    """One network of the zoo.

    Args:
        name: as the commands take it.
        application: its name in `keras.applications`.
        source: the paper.
        multiply_adds: of one picture, convolutions and dense layers.
        layers: those that the literature takes features from, from the picture to the classes.
        license: of the weights.
    """

    name: str
    application: str
    source: str
    parameters: int
    multiply_adds: int
    preprocessing: Preprocessing
    scaling: Scaling
    weights: Download
    layers: tuple[str, ...]
    license: str


CLASS_INDEX = Download(
    f"{_GOOGLE}download.tensorflow.org/data/imagenet_class_index.json",
    "c2c37ea517e94d9795004a39431a14cb",
)
"""ImageNet's classes in the order of the outputs."""


def _cut(
    side: int, resize: int, kind: Literal["bilinear", "bicubic"] = "bilinear"
) -> Preprocessing:
    return Preprocessing(side=side, resize=resize, interpolation=kind)


_ALL = (
    Architecture(
        "inception-v3",
        "InceptionV3",
        "Szegedy et al., Rethinking the Inception Architecture for Computer Vision, 2015",
        23_851_784,
        5_713_216_096,
        _cut(299, 342),  # TF-Slim, where the weights are from, cuts out the central 87.5 %
        "signed",
        Download(
            f"{_APPLICATIONS}/inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
            "9a0d58056eeedaa3f26cb7ebd46da564",
        ),
        (*(f"mixed{at}" for at in range(11)), "avg_pool", "predictions"),
        "Apache-2.0",
    ),
    Architecture(
        "resnet50",
        "ResNet50",
        "He et al., Deep Residual Learning for Image Recognition, 2015",
        25_636_712,
        3_857_973_248,
        _cut(224, 256),
        "caffe",
        Download(
            f"{_APPLICATIONS}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels.h5",
            "2cb95161c43110f7111970584f804107",
        ),
        (
            "conv1_relu",
            "conv2_block3_out",
            "conv3_block4_out",
            "conv4_block6_out",
            "conv5_block3_out",
            "avg_pool",
            "predictions",
        ),
        "MIT",
    ),
    Architecture(
        "vgg19",
        "VGG19",
        "Simonyan and Zisserman, Very Deep Convolutional Networks, 2014",
        143_667_240,
        19_632_062_464,
        _cut(224, 256),
        "caffe",
        Download(
            f"{_APPLICATIONS}/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels.h5",
            "cbe5617147190e668d6c5d5026f83318",
        ),
        (*(f"block{at}_pool" for at in range(1, 6)), "fc1", "fc2", "predictions"),
        "CC-BY-4.0",
    ),
    Architecture(
        "mobilenet-v3-large",
        "MobileNetV3Large",
        "Howard et al., Searching for MobileNetV3, 2019",
        5_507_432,
        216_589_760,
        _cut(224, 256),
        "own",
        Download(
            f"{_APPLICATIONS}/mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float.h5",
            "59e551e166be033d707958cf9e29a6a7",
        ),
        (
            "expanded_conv_2_add",
            "expanded_conv_5_add",
            "expanded_conv_11_add",
            "expanded_conv_14_add",
            "conv_2",
            "predictions",
        ),
        "Apache-2.0",
    ),
    Architecture(
        "efficientnet-v2-b0",
        "EfficientNetV2B0",
        "Tan and Le, EfficientNetV2: Smaller Models and Faster Training, 2021",
        7_200_312,
        718_086_176,
        _cut(224, 256, "bicubic"),
        "own",
        Download(
            f"{_APPLICATIONS}/efficientnet_v2/efficientnetv2-b0.h5",
            "21ecbf6da12460d5c40bb2f29ceb2188",
        ),
        (
            "block2b_add",
            "block3b_add",
            "block4c_add",
            "block5e_add",
            "block6h_add",
            "avg_pool",
            "predictions",
        ),
        "Apache-2.0",
    ),
)
ZOO = {each.name: each for each in _ALL}
