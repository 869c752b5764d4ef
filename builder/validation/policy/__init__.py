"""What a team says its packages may never do: the policy, how it is read, judged by and put into words."""
