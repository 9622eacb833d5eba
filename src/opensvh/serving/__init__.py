"""The product as a service: a DICOM node beside a PACS, and films fetched over DICOMweb."""
