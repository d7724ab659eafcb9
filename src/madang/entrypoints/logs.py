"""How the processes write down what goes wrong: without the values of variables, which may be secrets or somebody's."""

import structlog


def keep_values_out() -> None:
    """Let tracebacks name files and lines only. The library's own default prints local variables, settings included."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )
