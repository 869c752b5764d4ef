"""The access brief: what a package grants, for the person who has to approve it."""
