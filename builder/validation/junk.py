"""What operating systems, editors and version control leave in folders that are zipped by hand."""

import re

_JUNK = re.compile(
    r"(?:^|/)(?:\.DS_Store|Thumbs\.db|desktop\.ini|~\$[^/]*|[^/]*\.(?:bak|orig|swp|tmp)|[^/]*~)$"
    r"|(?:^|/)(?:__MACOSX|\.git|\.svn|\.vs|\.vscode|\.idea)/",
    re.IGNORECASE,
)


def is_junk(member: str) -> bool:
    """Say whether a member's name is one that no solution needs."""
    return bool(_JUNK.search(member))
