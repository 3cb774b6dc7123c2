"""A cluster in which some operations kill the process that performs them: `python -m tests.fakes.poison qcluster`."""

import os
import signal
import sys
from typing import Any

from django.core.management import execute_from_command_line

EXIT, SIGNAL = "poison: exit", "poison: signal"  # what such an operation sends


def poisoned(perform: Any) -> Any:
    """actions.perform.perform, deadly to who performs those."""

    def deadly(action: Any, context: Any, *others: Any) -> Any:
        outcome = perform(action, context, *others)
        sent = str(outcome.config.get("body", ""))
        if EXIT in sent:
            os._exit(1)
        if SIGNAL in sent:
            os.kill(os.getpid(), signal.SIGSEGV)
        return outcome

    return deadly


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webjack.settings")
    import django

    django.setup()
    from history import run

    vars(run)["perform"] = poisoned(vars(run)["perform"])
    execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
