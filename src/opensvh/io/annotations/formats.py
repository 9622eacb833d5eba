"""Every format of joint marks that can be read and written, by the name that commands and the API use."""

from collections.abc import Mapping

from opensvh.io.annotations.coco import COCO
from opensvh.io.annotations.cvat import CVAT
from opensvh.io.annotations.label_studio import LABEL_STUDIO
from opensvh.io.annotations.labelme import LABELME
from opensvh.io.annotations.pictures import AnnotationFormat
from opensvh.io.annotations.slicer import SLICER
from opensvh.io.annotations.via import VIA

FORMATS: Mapping[str, AnnotationFormat] = {
    "coco": COCO,
    "cvat": CVAT,
    "label-studio": LABEL_STUDIO,
    "labelme": LABELME,
    "via": VIA,
    "slicer": SLICER,
}
