"""What Microsoft's SolutionPackager makes of names (measured)."""

_NOT_IN_FILES = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


def role_file(name: str) -> str:
    """Name the file in Roles/ that SolutionPackager unpacks a role to, on Windows.

    `/` becomes `_` (measured), as do the other characters that Windows refuses (inferred). A name with an extension,
    that is with a dot that is not its last character, gets no `.xml` (measured).
    """
    file = name.translate(_NOT_IN_FILES)
    return file if "." in file[:-1] else f"{file}.xml"
