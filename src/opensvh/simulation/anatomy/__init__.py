"""Bones and how they stand together: shapes, poses, joints, growth."""
