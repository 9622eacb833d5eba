"""Readers of joint annotations made elsewhere: one file per format, each returning `MarkedFilm` or points."""
