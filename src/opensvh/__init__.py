"""OpenSvH scores rheumatoid joint damage on X-rays of hands and feet, for research use only."""

__version__ = "0.5.0"
