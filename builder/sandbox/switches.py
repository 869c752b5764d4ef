"""What nobody has confirmed about the real service: each a named switch, the harsher side first and default."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field


def _switch(*values: str) -> str:
    """Declare a switch by its values; the first is the default."""
    value: str = field(default=values[0], metadata={"values": values})
    return value


@dataclass(frozen=True, slots=True)
class Switches:
    """The unconfirmed behaviours, written `name=value` with hyphens on the command line (listed in docs/sandbox.md).

    `metadata_privileges` is the exception to "harsher first": the vendor's own page says that its role reads
    EntityDefinitions, though it holds none of prvReadEntity and prvReadAttribute.
    """

    metadata_privileges: str = _switch("open", "required")
    directory_reads: str = _switch("required", "open")
    unknown_privilege: str = _switch("refuse", "missing-dependency", "drop")
    privilege_case: str = _switch("exact", "any")
    import_isinherited: str = _switch("ignored", "honoured")
    upgrade_without_base: str = _switch("refuse", "install")
    lower_version: str = _switch("refuse", "accept")
    stage_upload: str = _switch("once", "reusable")
    import_job_row: str = _switch("late", "early")
    held_role: str = _switch("keeps-solution", "drop")
    repeated_association: str = _switch("refuse", "accept")
    missing_association: str = _switch("refuse", "accept")
    user_delete: str = _switch("twice", "once")
    disabled_user: str = _switch("403", "400")
    application_object_id: str = _switch("null", "set")
    create_for_other: str = _switch("needs-assign", "open")
    assign_needs_write: str = _switch("yes", "no")
    clear_lookup: str = _switch("needs-append", "open")
    associate_needs_write: str = _switch("yes", "no")
    many_to_many: str = _switch("both-sides", "one-side")
    cascade_needs_assign: str = _switch("yes", "no")
    sharer_rights: str = _switch("must-hold", "any")
    owner_shares: str = _switch("needs-privilege", "open")
    repeated_share: str = _switch("replace", "add")
    impersonator_reach: str = _switch("both", "any")
    user_privileges: str = _switch("direct", "with-teams")

    @classmethod
    def parse(cls, settings: Iterable[str]) -> "Switches":
        """Read `name=value` pairs; raises ValueError that lists what there is."""
        known = {switch.name.replace("_", "-"): switch for switch in dataclasses.fields(cls)}
        chosen: dict[str, str] = {}
        for setting in settings:
            name, _, value = setting.partition("=")
            if name not in known:
                raise ValueError(f"there is no switch {name!r}; there are: {', '.join(known)}")
            values = known[name].metadata["values"]
            if value not in values:
                raise ValueError(f"the switch {name} is one of {', '.join(values)}, not {value!r}")
            chosen[known[name].name] = value
        return cls(**chosen)
