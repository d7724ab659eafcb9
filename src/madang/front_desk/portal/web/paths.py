"""Where a page may send somebody."""


def local_path(path: str) -> str:
    """A path of this city, never an address elsewhere; my page for anything else."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/my/"
