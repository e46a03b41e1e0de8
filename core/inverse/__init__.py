"""The paper's linear inverse problems, denoising and compressed sensing, and their certified defences
(``sun2024``); total variation beside them (``beck2009``, ``chambolle2004``)."""
