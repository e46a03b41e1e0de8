"""The stage of a talk."""
