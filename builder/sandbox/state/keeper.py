"""What of an environment goes into its state file, and how it comes back."""

import hashlib
import pickle
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from builder.sandbox.entra import Tenant
from builder.sandbox.environment import Environment
from builder.sandbox.jobs import ImportJobs, Job
from builder.sandbox.state.statefile import StateFile
from builder.sandbox.uploads import Uploads

_JOB = "job:"


@dataclass(frozen=True, slots=True)
class Identity:
    """What is made once and stays, so that clients find the same environment again."""

    tenant_id: str
    admin_id: str
    organization_id: str
    root_unit_id: str
    administrator_role_id: str
    generation: int
    key: bytes


class Keeper:
    """Keeps an environment in a state file."""

    def __init__(self, file: StateFile, environment: Environment, jobs: ImportJobs, admin_id: str) -> None:
        self._file = file
        self._environment = environment
        self._jobs = jobs
        self._admin_id = admin_id
        key = environment.tenant.signing_key
        self._key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._prints: dict[str, bytes] = {}
        environment.store.journal = {}

    def save(self) -> None:
        """Write what has changed since the last time."""
        store = self._environment.store
        rows = {key: store.find(*key) for key in store.journal or ()}
        parts = self._parts()
        prints = {name: _print(part) for name, part in parts.items()}
        changed = {name: part for name, part in parts.items() if self._prints.get(name) != prints[name]}
        if "uploads" in changed:
            changed["uploads"] = self._jobs.uploads.kept
        self._file.save(rows, changed, self._prints.keys() - parts.keys())
        self._prints = prints
        store.journal = {}

    def save_all(self) -> None:
        """Write everything, as for a new file."""
        store = self._environment.store
        store.journal = dict.fromkeys(store.keys())
        self.save()

    def load(self) -> None:
        """Put the environment into the state that the file holds."""
        parts = self._file.parts()
        environment, store = self._environment, self._environment.store
        identity: Identity = parts["identity"]
        environment.administrator_role_id = identity.administrator_role_id
        environment.brought = {table.name: table for table in parts["brought"]}
        store.replace_all(self._file.rows(), parts["version"])
        for holder, thing in environment.holders().items():
            for name, value in vars(thing).items():
                if isinstance(value, dict):
                    own = f"{holder}.{name}/"
                    setattr(thing, name, {key[len(own) :]: one for key, one in parts.items() if key.startswith(own)})
                elif isinstance(value, list | set):
                    setattr(thing, name, parts.get(f"{holder}.{name}", value))
        environment.renew_tables()
        self._jobs.uploads.kept = parts["uploads"]
        jobs: list[Job] = [part for name, part in parts.items() if name.startswith(_JOB)]
        self._jobs.jobs = {job.id: job for job in sorted(jobs, key=lambda job: job.started)}
        self._prints = {name: _print(part) for name, part in self._parts().items()}
        store.journal = {}

    def _parts(self) -> dict[str, object]:
        environment = self._environment
        return {
            "identity": self._identity(),
            "version": environment.store.version,
            "brought": list(environment.brought.values()),
            "uploads": self._jobs.uploads,
            **dict(self._held()),
            **{f"{_JOB}{job.id}": job for job in self._jobs.jobs.values()},
        }

    def _identity(self) -> Identity:
        environment = self._environment
        return Identity(
            environment.tenant.id,
            self._admin_id,
            environment.organization_id,
            environment.root_unit_id,
            environment.administrator_role_id,
            environment.tenant.generation,
            self._key,
        )

    def _held(self) -> Iterator[tuple[str, object]]:
        """What the parts of the environment hold that is no row: dicts (their keys are texts) by item."""
        for holder, thing in self._environment.holders().items():
            for name, value in vars(thing).items():
                if isinstance(value, dict):
                    yield from ((f"{holder}.{name}/{key}", item) for key, item in value.items())
                elif isinstance(value, list | set):
                    yield f"{holder}.{name}", value


def _print(part: object) -> bytes:
    """A fingerprint of a part, to tell whether it changed; fast, and never read back. Of what holds whole packages it
    is what alone can change.
    """
    if isinstance(part, Job):
        return f"{part.step} {len(part.result)}".encode()
    if isinstance(part, Uploads):
        return " ".join(part.kept).encode()
    return hashlib.blake2b(pickle.dumps(part), digest_size=16).digest()


def identity_of(file: StateFile) -> Identity | None:
    """Who lives in a state file; None for a new one."""
    if file.is_new:
        return None
    found = file.parts().get("identity")
    return found if isinstance(found, Identity) else None


def signing_key(identity: Identity) -> rsa.RSAPrivateKey:
    """The key that the tenant signs tokens with."""
    key = load_pem_private_key(identity.key, None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the key of a state file is an RSA key")
    return key


def tenant_of(tenant: Tenant, identity: Identity) -> None:
    """Give a tenant the key and the tokens' generation of a state file."""
    tenant.signing_key = signing_key(identity)
    tenant.generation = identity.generation
