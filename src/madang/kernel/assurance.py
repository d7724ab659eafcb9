"""How surely the city knows who somebody is."""

from enum import IntEnum


class Assurance(IntEnum):
    """Levels after Regulation (EU) 910/2014, article 8 (low, substantial, high); 0 is nobody known."""

    NONE = 0
    LOW = 1
    """One factor: a password, or a code sent by e-mail."""
    SUBSTANTIAL = 2
    """Two factors, or a passkey with user verification."""
    HIGH = 3
    """Identity proved in person before an officer, or by a national mobile ID."""
