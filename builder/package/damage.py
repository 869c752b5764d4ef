"""What a file is that should be a zip and cannot be read as one, in words that help to get a whole one."""

_MAGICS = (
    (b"version https://git-lfs", "a Git LFS pointer, not the package itself", "Fetch the package: git lfs pull."),
    (b"\x1f\x8b", "a gzip file, not a zip", "Unpack it: a solution package is a zip."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive, not a zip", "Pack the members as a zip."),
    (b"Rar!", "a RAR archive, not a zip", "Pack the members as a zip."),
    (b"MSCF", "a cabinet file, not a zip", "Name the solution zip that it holds."),
    (b"\xd0\xcf\x11\xe0", "an Office or installer file, not a zip", "Name a solution zip."),
    (b"MZ", "a Windows program, not a zip", "Name the solution zip that it holds."),
)
_AGAIN = "Export or build the package again, or copy it again from where it is whole."
_LINE_ENDS = "Mark zips as binary (`*.zip binary` in .gitattributes) and take the file from where it is still whole."


def not_a_zip(data: bytes) -> tuple[str, str]:
    """Say what a file without the end record of a zip is, and what to do."""
    if not data:
        return "an empty file, not a zip", _AGAIN
    for magic, what, remedy in _MAGICS:
        if data.startswith(magic):
            return what, remedy
    if data.startswith(b"PK\x03\x04"):
        return f"cut off: it begins as a zip, and its end is missing after {len(data):,} bytes", _AGAIN
    start = data[:256].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page, not a zip", "The download asked for a sign-in or failed: download the package again."
    if start.startswith(b"<"):
        return "an XML file, not a zip", "Name the solution zip that holds it."
    if start.startswith((b"{", b"[")):
        return "a JSON file, not a zip", "The download gave an error or a description: name the solution zip."
    return "not a zip", "Name a solution zip, as an export or `solsmith build` gives it."


def displaced(data: bytes, shift: int) -> tuple[str, str]:
    """Say why the central directory lies `shift` bytes (not 0) behind the place that the end record gives.

    Git's conversion of line ends in files that it takes for text drops or adds single bytes; it leaves no CR LF, or no
    LF without a CR, behind (measured: three real packages lost one byte each so).
    """
    count = f"{abs(shift):,} byte{'s' * (abs(shift) != 1)}"
    if shift < 0:
        what = f"damaged: the central directory is off by {count}, which {_are(shift)} missing before it"
        converted = b"\r\n" not in data
    else:
        what = f"damaged: the central directory is off by {count} that {_are(shift)} too many before it"
        converted = data.count(b"\n") == data.count(b"\r\n")
    return (f"{what}, as a conversion of line ends by git does", _LINE_ENDS) if converted else (what, _AGAIN)


def _are(count: int) -> str:
    return "is" if abs(count) == 1 else "are"
