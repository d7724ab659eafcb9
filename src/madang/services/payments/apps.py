"""Payments as a Django application."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Bills and payments."""

    name = "madang.services.payments"
    label = "payments"

    def ready(self) -> None:
        """Refuse to start with terms that cannot be read, and let forms look up the bills that they pay."""
        from madang.services.applications.facade import billing
        from madang.services.payments.contracts import DebtKind
        from madang.services.payments.facade import assessments
        from madang.services.payments.store import profile

        for kind in DebtKind:
            profile.terms(kind)
        billing.look_up_in(assessments)
