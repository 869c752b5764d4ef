"""A local Dataverse and Entra on loopback TLS: the other side of the wire, which enforces what a role says.

It reads packages by itself and shares only the catalogue's data with the rest, so that it cannot share a misreading.
"""
