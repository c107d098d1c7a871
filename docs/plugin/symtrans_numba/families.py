"""The families that this package adds to the catalogue of symtrans."""

from symtrans import Diffusivity, Regulariser
from symtrans.catalogue import Entry, Reference

BARRON = Reference(
    "J. T. Barron",
    "A general and adaptive robust loss function",
    "Proc. IEEE/CVF Conf. Computer Vision and Pattern Recognition, 4331-4339",
    2019,
    "10.1109/CVPR.2019.00446",
)

ENTRIES = (
    Entry(
        "barron-half",
        Diffusivity,
        "(1 + r^2/lambda^2)^(-3/4)",
        (BARRON,),
        {Regulariser: "Barron loss, alpha = 1/2"},
        ("half-loss",),
        remark="lambda is sqrt(3/2) times the scale of the loss",
    ),
)
