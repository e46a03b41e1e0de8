"""Handwritten digits: the classic setting in which a certificate bites (MNIST).

The three steps of ``digits-page``: standard training, adversarial training (``madry2018``), smoothing
(``cohen2019``).
"""
