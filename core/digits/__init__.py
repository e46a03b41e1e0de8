"""Handwritten digits: the classic setting in which a certificate bites (MNIST)."""
