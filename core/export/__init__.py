"""For papers and talks: figures as PDF, SVG or PNG (matplotlib), pictures untouched."""
