"""Training: photos, recipes, objectives and a resumable loop.

With noise: ``patsatzi2023``; on attacks: ``madry2018``; the five objectives: ``sun2024``, of which Jcb rests
on ``jakubovitz2018``.
"""
