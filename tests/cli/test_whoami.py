"""`solsmith whoami`, against a sandbox."""

from tests.cli.connected import conforming, solsmith
from tests.sandbox_process import running_sandbox


def test_who_signs_in_and_where_is_told() -> None:
    with running_sandbox() as sandbox:
        told = conforming("whoami", solsmith(sandbox, "whoami", "--format", "json"))
        assert (told["tenant"], told["client_id"]) == (sandbox.tenant_id, sandbox.admin.client_id)
        assert told["roles"] == ["System Administrator"] and told["environment"] == sandbox.dataverse_url
        text = solsmith(sandbox, "whoami").stdout
        assert "System Administrator" in text and sandbox.tenant_id in text
        other = "99999999-9999-4999-8999-999999999999"
        assert "90002" in solsmith(sandbox, "whoami", "--tenant-id", other, expect=3).stderr
        lacking = solsmith(sandbox, "whoami", "--sign-in", "federated", expect=2)
        assert "AZURE_FEDERATED_TOKEN_FILE" in lacking.stderr
