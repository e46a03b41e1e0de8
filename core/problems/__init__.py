"""Forward operators: what the camera does to a picture before a network sees it.

Super-resolution: ``patsatzi2023``; denoising and sensing: ``sun2024``, in the blocks of ``kulkarni2016``.
"""
