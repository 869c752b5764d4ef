"""The areas of Dataverse's Web API that solsmith uses, one file each."""
