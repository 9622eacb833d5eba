"""A study's readings as DICOM objects for a PACS: reports, overlays, a score sheet, the page; `results` writes them.

Nothing here is imported before somebody asks for DICOM: pydicom and highdicom are slow to start.
"""
