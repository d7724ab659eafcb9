"""Show the current code of a demonstration's account, as its authenticator app would."""

import argparse
import os


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare whose code is wanted."""
    parser.add_argument("email", help="as `madang up` printed it: officer14@seoul.example")


def run(asked: argparse.Namespace) -> int:
    """Print six digits; only for accounts that `madang up` made."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")
    import django

    django.setup()
    from madang.commons.identity import facade as identity
    from madang.kernel import clock

    print(identity.demo_code(asked.email, clock.now()))
    return 0
