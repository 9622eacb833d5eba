"""From a posed limb to millimetres of bone, soft tissue and metal under each pixel."""
