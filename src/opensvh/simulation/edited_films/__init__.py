"""Known damage put into films of healthy limbs: real texture, optics and anatomy with a grade that is exact."""
