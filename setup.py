"""Only what pyproject.toml cannot say: `resources/` is installed as the package `returnee_desk.resources`."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["returnee_desk", "returnee_desk.*"]), "returnee_desk.resources"],
    package_dir={"returnee_desk": "returnee_desk", "returnee_desk.resources": "resources"},
)
