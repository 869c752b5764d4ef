"""Make the catalogue's data files from a folder of reference tables: `make_catalogue.py REFERENCE_FOLDER`.

Reads privileges/*.tsv and webapi-fixtures/errors/*.json there, writes builder/catalogue/data/*.tsv. Every row
keeps its source. Run it again when the reference tables grow; the files it writes are committed.
"""

import csv
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "builder" / "catalogue" / "data"
# How sure the depths are: seen in an environment's own metadata or roles, written in the documentation, or only
# that one level was seen in an exported role, or assumed by the documented rule.
DEPTHS_SURE = {
    "metadata": "certain",
    "XrmMockup-roles": "certain",
    "docs": "certain",
    "role-xml": "seen",
    "assumed": "assumed",
}
VARY = re.compile(r"depths vary by environment/version: ([BLDG/-]+)")
OWNERSHIP = {"User/Team": "user", "Organization": "organization", "BusinessUnit": "business-unit"}


def read(path: Path) -> list[dict[str, str]]:
    """Return a TSV's rows by column name."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def write(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write a TSV of our own layout."""
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        file.write("\t".join(columns) + "\n")
        for row in rows:
            file.write("\t".join(row[column] for column in columns) + "\n")


def privilege(row: Mapping[str, str]) -> dict[str, str]:
    """Turn a reference row into one of ours."""
    depths = "".join(
        letter
        for letter, column in zip("BLDG", ("can_basic", "can_local", "can_deep", "can_global"), strict=True)
        if row[column] == "1"
    )
    somewhere = ""
    if varies := VARY.search(row["notes"]):  # what holds everywhere, and what holds in some environments only
        variants = [variant.replace("-", "") for variant in varies[1].split("/")]
        depths = "".join(letter for letter in "BLDG" if all(letter in variant for variant in variants))
        somewhere = "".join(letter for letter in "BLDG" if letter not in depths and any(letter in v for v in variants))
    return {
        "privilege": row["privilege"],
        "right": "" if row["access_right"] == "None" else row["access_right"],
        "tables": row["tables"].replace(";", ","),
        "depths": depths,
        "depths_sure": DEPTHS_SURE[row["depth_source"]],
        "depths_somewhere": somewhere,
        "case": "guessed" if row["name_status"] == "case-unverified" else "exact",
        "id": row["privilege_id"],
        "kind": row["category"],
        "display": row["display_name"],
        "source": row["sources"].replace(";", ","),
    }


def table(row: Mapping[str, str]) -> dict[str, str]:
    """Turn a reference row into one of ours."""
    return {
        "table": row["table"],
        "display": row["display_name"],
        "schema_name": row["schema_name"],
        "ownership": OWNERSHIP.get(row["ownership"], ""),
        "ownership_sure": {"metadata": "certain", "docs": "certain"}.get(row["ownership_source"], "inferred"),
        "group": row["ui_group"],
        "current": row["in_current_online_snapshot"],
        "source": row["ownership_source"],
    }


def main(reference: Path) -> None:
    """Write every data file."""
    DATA.mkdir(parents=True, exist_ok=True)
    source = reference / "privileges"
    rows = [*read(source / "privileges.tsv"), *read(source / "privileges_case_unverified.tsv")]
    privileges = sorted((privilege(row) for row in rows), key=lambda row: row["privilege"].lower())
    write("privileges.tsv", list(privileges[0]), privileges)
    tables = sorted((table(row) for row in read(source / "tables.tsv")), key=lambda row: row["table"])
    write("tables.tsv", list(tables[0]), tables)
    added = [
        {
            "privilege": row["privilege"],
            "level": row["level"],
            "again_at_import": "1" if "solution import" in row["when"] else "0",
            "source": "roles of several environments",
        }
        for row in read(source / "auto_added_privileges.tsv")
    ]
    write("added_by_platform.tsv", list(added[0]), added)
    seen = [
        {"privilege": row["privilege"], "levels": row["levels_seen"], "source": "exported roles"}
        for row in read(source / "names_seen_in_role_xml.tsv")
        if row["in_catalogue"] == "0" and "_" not in row["privilege"]
    ]
    write("seen.tsv", list(seen[0]), seen)
    codes = json.loads((reference / "webapi-fixtures/errors/dataverse_error_codes_subset.json").read_text("utf-8"))
    errors = [
        {
            "code": row["code"].lower(),
            "name": row["name"],
            "text": " ".join(row["text"].split()),
            "source": "SDK error codes",
        }
        for row in codes["codes"]
    ]
    write("errors.tsv", list(errors[0]), errors)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
