"""Which privileges exist, on which tables, and at which depths."""

from builder.catalogue.lookup import Catalogue, Privilege, Table, load

__all__ = ["Catalogue", "Privilege", "Table", "load"]
