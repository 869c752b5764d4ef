"""What Microsoft's SolutionPackager makes of names (measured)."""

_NOT_ON_WINDOWS = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


def role_file(name: str, *, windows: bool = True) -> str:
    """Name the file in Roles/ that SolutionPackager unpacks a role to.

    `/` becomes `_` (measured), and on Windows the other characters that file names cannot have (inferred). A name with
    an extension, that is with a dot that is not its last character, gets no `.xml` (measured).
    """
    file = name.translate(_NOT_ON_WINDOWS) if windows else name.replace("/", "_")
    return file if "." in file[:-1] else f"{file}.xml"
