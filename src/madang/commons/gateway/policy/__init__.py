"""The process that decides about partner systems' requests: who it is, what it may, how much is left.

Nothing here imports Django: the process must be back within a second when it was killed.
"""
