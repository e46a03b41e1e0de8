"""What an installed package is made of: core, and inside it what :mod:`core.base.places` looks for there."""

from setuptools import find_packages, setup

SHIPPED = {
    "checkpoints": ["*.safetensors", "*.parquet"],
    "results": ["*.parquet", "published/*"],
    "talks": ["*.json"],
    "docs": ["references.bib"],
}

setup(
    packages=[*find_packages(include=["core", "core.*"]), *(f"core.shipped.{name}" for name in SHIPPED)],
    package_dir={f"core.shipped.{name}": name for name in SHIPPED},
    package_data={f"core.shipped.{name}": files for name, files in SHIPPED.items()},
    include_package_data=False,
)
