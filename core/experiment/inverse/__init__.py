"""The experiment for denoising and compressed sensing."""
