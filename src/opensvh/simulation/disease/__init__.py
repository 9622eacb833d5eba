"""What disease, age and surgery do to bones."""
