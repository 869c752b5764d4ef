"""Where the files beside the code lie: templates, schemas and examples."""

from functools import cache
from pathlib import Path


@cache
def resource(*parts: str) -> Path:
    """Return the path of a data file or folder: inside the installed package, else at the checkout's root."""
    here = Path(__file__).resolve().parent
    packaged = here / "_data"
    root = packaged if packaged.is_dir() else here.parent
    return root.joinpath(*parts)
