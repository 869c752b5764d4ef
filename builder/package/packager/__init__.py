"""The folder layout of Microsoft's SolutionPackager, both ways: members of a package <-> files of a folder."""
