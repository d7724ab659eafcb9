"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CityArgon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet, 2025).

    Django's own 100 MiB in eight lanes would let a few sign-ins at once take a small machine's memory.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
