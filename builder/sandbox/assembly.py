"""How a sandbox is started, and what it is put together from: tenant, environment, jobs, what keeps them."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from builder.sandbox.certificates import make_application_certificate
from builder.sandbox.entra import Tenant
from builder.sandbox.environment import Environment
from builder.sandbox.jobs import ImportJobs
from builder.sandbox.records import Clock, new_id
from builder.sandbox.state.keeper import Identity, Keeper, identity_of, tenant_of
from builder.sandbox.state.statefile import StateFile
from builder.sandbox.switches import Switches

REFERENCE_APP_ID = "f41adf61-824b-41ba-8c81-0f17fe22b244"
REFERENCE_APP_NAME = "Net-Results Sync for Dynamics 365"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a sandbox is started: `port` 0 is any free one, `home` None a temporary folder that goes at the end."""

    host: str = "127.0.0.1"
    port: int = 0
    home: Path | None = None
    app_id: str = REFERENCE_APP_ID
    app_name: str = REFERENCE_APP_NAME
    token_seconds: int = 3600
    import_seconds: float = 0.9
    stage_seconds: float = 3600
    until_stdin_closes: bool = False
    switches: Switches = field(default_factory=Switches)
    faults: tuple[str, ...] = ()
    state: Path | None = None
    scenario: Path | None = None
    seed: int = 0
    clock_skew: float = 0.0


@contextlib.contextmanager
def open_state(path: Path | None) -> Iterator[StateFile | None]:
    """Open a state file for as long as the sandbox runs; none where there is no path."""
    if path is None:
        yield None
        return
    with contextlib.closing(StateFile(path)) as file:
        yield file


def assemble(
    settings: Settings, home: Path, url: str, file: StateFile | None
) -> tuple[Environment, ImportJobs, str, Callable[[], None]]:
    """The environment as its state file has it, or a new one; its jobs, the administrator, and what keeps changes."""
    identity = identity_of(file) if file else None
    environment, admin_id = _environment(settings, home, url, identity)
    jobs = ImportJobs(
        environment, timedelta(seconds=settings.import_seconds), timedelta(seconds=settings.stage_seconds)
    )
    if file is None:
        return environment, jobs, admin_id, lambda: None
    keeper = Keeper(file, environment, jobs, admin_id)
    if identity is None:
        keeper.save_all()
    else:
        keeper.load()
    return environment, jobs, admin_id, keeper.save


def _environment(settings: Settings, home: Path, url: str, identity: Identity | None) -> tuple[Environment, str]:
    """An environment with its administrator; the application is in the tenant and has no user yet. With an identity it
    is the frame that a state file fills.
    """
    clock = Clock(timedelta(seconds=settings.clock_skew))
    tenant_id = identity.tenant_id if identity else new_id()
    tenant = Tenant(tenant_id, url, url, clock, timedelta(seconds=settings.token_seconds))
    admin_id = identity.admin_id if identity else new_id()
    tenant.register(admin_id, "Sandbox Administrator", make_application_certificate("admin", home / "admin.pem"))
    certificate = make_application_certificate(settings.app_name[:64], home / "app.pem")
    tenant.register(settings.app_id, settings.app_name, certificate)
    if identity:
        tenant_of(tenant, identity)
        organization_id, root_unit_id = identity.organization_id, identity.root_unit_id
        frame = Environment(
            tenant, clock, settings.switches, organization_id=organization_id, root_unit_id=root_unit_id
        )
        return frame, admin_id
    environment = Environment(tenant, clock, settings.switches)
    user = environment.add_application_user(tenant.applications[admin_id], environment.root_unit_id, None)
    environment.roles.give(user["systemuserid"], environment.administrator_role_id)
    return environment, admin_id
