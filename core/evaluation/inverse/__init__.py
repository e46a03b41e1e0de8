"""The evaluation of denoising and compressed sensing."""
