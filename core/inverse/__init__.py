"""The paper's linear inverse problems, denoising and compressed sensing, and their certified defences."""
