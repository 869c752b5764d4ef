"""Microsoft's clouds: which authority signs in to which environments."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from builder.errors import UsageError

_DOMAINS = "Microsoft Learn, Discover user organizations"
_ENDPOINTS = "Microsoft Learn, National clouds: Microsoft Entra authentication endpoints"


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud: what its environments' hosts end with, the host that signs in to them, and who says so.

    Without a source for the authority, `authority` is "": then it has to be given.
    """

    name: str
    domain: str
    authority: str
    source: str


# The first whose domain fits counts.
CLOUDS = (
    Cloud("GCC", ".crm9.dynamics.com", "", _DOMAINS),
    Cloud("GCC High", ".crm.microsoftdynamics.us", "https://login.microsoftonline.us", f"{_DOMAINS}; {_ENDPOINTS}"),
    Cloud("DoD", ".crm.appsplatform.us", "https://login.microsoftonline.us", f"{_DOMAINS}; {_ENDPOINTS}"),
    Cloud("China", ".crm.dynamics.cn", "https://login.partner.microsoftonline.cn", f"{_DOMAINS}; {_ENDPOINTS}"),
    Cloud("public", ".dynamics.com", "https://login.microsoftonline.com", f"{_DOMAINS}; {_ENDPOINTS}"),
)


def authority_of(origin: str) -> str:
    """Give the authority for an environment's address; raises UsageError where no source names one."""
    host = urlsplit(origin).hostname or ""
    cloud = next((cloud for cloud in CLOUDS if host.endswith(cloud.domain)), None)
    if cloud is None or not cloud.authority:
        where = f"the authority of the {cloud.name} cloud is" if cloud else f"{origin} belongs to no cloud that is"
        raise UsageError(f"{where} not known here", "say where to sign in: --authority-host (AZURE_AUTHORITY_HOST)")
    return cloud.authority
