"""Training: photos, recipes, objectives and a resumable loop."""
