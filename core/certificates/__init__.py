"""Certificates: statements about every perturbation of a given size, each with its probability."""
