"""Forward operators: what the camera does to a picture before a network sees it."""
