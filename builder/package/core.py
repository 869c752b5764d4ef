"""What the three members are called that every package has."""

CONTENT_TYPES = "[Content_Types].xml"
CUSTOMIZATIONS = "customizations.xml"
SOLUTION = "solution.xml"
