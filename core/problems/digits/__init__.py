"""Digits: data, drawings and the samples that travel with the code."""
