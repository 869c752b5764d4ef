"""A client of the sandbox for its tests: signs in by MSAL, calls by httpx, makes packages."""

import base64
import io
import uuid
import zipfile
from dataclasses import dataclass, field
from typing import Any

import httpx
import msal  # type: ignore[import-untyped]
import requests

from tests.sandbox_process import Identity, RunningSandbox

ADMINISTRATOR_TEMPLATE = "627090ff-40a3-4053-8790-584edc5be201"
Json = dict[str, Any]


def acquire(sandbox: RunningSandbox, identity: Identity, **changes: Any) -> Json:
    """Ask for a token by MSAL; `changes` override tenant, scope or the credential."""
    with requests.Session() as session:
        session.verify = str(sandbox.ca_file)
        session.trust_env = False
        pem = identity.certificate_path.read_text(encoding="ascii")
        client = msal.ConfidentialClientApplication(
            identity.client_id,
            authority=f"{sandbox.authority_host}/{changes.get('tenant', sandbox.tenant_id)}",
            client_credential=changes.get("credential", {"private_key": pem, "public_certificate": pem}),
            instance_discovery=False,
            http_client=session,
        )
        answer: Json = client.acquire_token_for_client([changes.get("scope", f"{sandbox.dataverse_url}/.default")])
        return answer


class Client(httpx.Client):
    """The Web API as one identity. Paths are below the service root."""

    def __init__(self, sandbox: RunningSandbox, identity: Identity, token: str | None = None) -> None:
        token = token or acquire(sandbox, identity)["access_token"]
        super().__init__(
            base_url=f"{sandbox.dataverse_url}/api/data/v9.2/",
            verify=sandbox.tls,
            trust_env=False,
            headers={"Authorization": f"Bearer {token}", "OData-Version": "4.0", "OData-MaxVersion": "4.0"},
        )

    def read(self, path: str) -> Any:
        """GET that must succeed; gives `value` where the answer is a collection."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return body.get("value", body)

    def make(self, path: str, **columns: Any) -> str:
        """POST a row that must be made; gives its id."""
        answer = self.post(path, json={name.replace("__", "@odata."): value for name, value in columns.items()})
        assert answer.status_code == 204, answer.text
        return answer.headers["OData-EntityId"].split("(")[1].rstrip(")")

    def address(self, path: str) -> str:
        """The absolute address of a row, as `$ref` wants it."""
        return f"{self.base_url}{path}"


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and error code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


def bind(entity_set: str, row_id: str) -> str:
    """The value of an `@odata.bind`."""
    return f"/{entity_set}({row_id})"


def root_unit(admin: Client) -> str:
    """The root business unit."""
    (unit,) = admin.read("businessunits?$filter=_parentbusinessunitid_value eq null")
    return str(unit["businessunitid"])


def unique(word: str) -> str:
    """A name that no other test has."""
    return f"{word}{uuid.uuid4().hex[:12]}"


@dataclass(frozen=True)
class Role:
    """A role for a package made here: privilege name to level."""

    name: str
    privileges: dict[str, str]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    extra: str = ""


def make_zip(
    *roles: Role,
    name: str = "Trial",
    version: str = "1.0.0.0",
    managed: bool = True,
    publisher: str = "trialpublisher",
    roots: list[tuple[str, str]] | None = None,
    missing: str = "",
    members: dict[str, str | None] | None = None,
    package_version: str = "9.2",
) -> bytes:
    """Make a solution zip; `members` replaces members or, by None, leaves them out."""
    roots = [("20", f"{{{role.id}}}") for role in roles] if roots is None else roots
    components = "".join(f'<RootComponent type="{kind}" id="{id_}" behavior="0" />' for kind, id_ in roots)
    manifest = (
        f'<ImportExportXml version="9.2.1.2" SolutionPackageVersion="{package_version}" languagecode="1033">'
        f"<SolutionManifest><UniqueName>{name}</UniqueName>"
        f'<LocalizedNames><LocalizedName description="{name} shown" languagecode="1033" /></LocalizedNames>'
        f"<Descriptions /><Version>{version}</Version><Managed>{int(managed)}</Managed>"
        f"<Publisher><UniqueName>{publisher}</UniqueName>"
        '<LocalizedNames><LocalizedName description="Trial, LLC." languagecode="1033" /></LocalizedNames>'
        "<Descriptions /><EMailAddress /><SupportingWebsiteUrl /><CustomizationPrefix>tri</CustomizationPrefix>"
        "<CustomizationOptionValuePrefix>12345</CustomizationOptionValuePrefix><Addresses /></Publisher>"
        f"<RootComponents>{components}</RootComponents><MissingDependencies>{missing}</MissingDependencies>"
        "</SolutionManifest></ImportExportXml>"
    )
    described = "".join(_role_xml(role) for role in roles)
    customizations = (
        f"<ImportExportXml><Entities /><Roles>{described}</Roles><Workflows />"
        "<Languages><Language>1033</Language></Languages></ImportExportXml>"
    )
    types = (
        '<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="xml" ContentType="application/octet-stream" /></Types>'
    )
    texts = {"customizations.xml": customizations, "[Content_Types].xml": types, "solution.xml": manifest}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in {**texts, **(members or {})}.items():
            if text is not None:
                archive.writestr(member, text)
    return file.getvalue()


def _role_xml(role: Role) -> str:
    grants = "".join(f'<RolePrivilege name="{name}" level="{level}" />' for name, level in role.privileges.items())
    return (
        f'<Role id="{{{role.id}}}" name="{role.name}"{role.extra}><IsCustomizable>1</IsCustomizable>'
        f"<RolePrivileges>{grants}</RolePrivileges></Role>"
    )


def encode(content: bytes) -> str:
    """A file as request bodies carry it."""
    return base64.b64encode(content).decode()


def start_import(admin: Client, content: bytes, **members: Any) -> httpx.Response:
    """Ask for an import."""
    body = {
        "OverwriteUnmanagedCustomizations": False,
        "PublishWorkflows": False,
        "CustomizationFile": encode(content),
        **members,
    }
    return admin.post("ImportSolutionAsync", json=body)


def finish_import(admin: Client, answer: httpx.Response) -> Json:
    """Poll an accepted import to its end; gives the job's row."""
    assert answer.status_code == 200, answer.text
    for _ in range(10):
        job: Json = admin.read(f"asyncoperations({answer.json()['AsyncOperationId']})")
        if job["completedon"]:
            return job
    raise AssertionError(f"the import does not end: {job}")


def import_package(admin: Client, content: bytes, **members: Any) -> Json:
    """Import a package to the end; gives the job's row."""
    return finish_import(admin, start_import(admin, content, **members))


def error_code(job: Json) -> str:
    """The error code of a failed job as hex; "" for a job that did not fail."""
    return f"0x{job['errorcode'] & 0xFFFFFFFF:08x}" if job["errorcode"] is not None else ""
