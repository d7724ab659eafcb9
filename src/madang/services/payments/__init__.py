"""Fees: billed, paid once, receipted."""
