"""What the product talks about: sites, scores, readings, geometry and named failures. Standard library only."""
