"""Encrypts all secrets with the first of ENCRYPTION_KEYS, so that older keys can be taken out of the list."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from connections import vault
from connections.models import Connection
from webjack.http import Failed


class Command(BaseCommand):
    help = __doc__

    def handle(self, *_args: Any, **_options: Any) -> None:
        done, lost = 0, []
        for pk in Connection.objects.order_by("pk").values_list("pk", flat=True):
            try:
                done += _rotate(pk)
            except Failed:
                lost.append(str(pk))
        self.stdout.write(f"{done} connections are encrypted with the first key of ENCRYPTION_KEYS.")
        if lost:
            raise CommandError(f"No key reads the secrets of {len(lost)}: {', '.join(lost)}")


def _rotate(pk: Any) -> int:
    with transaction.atomic():
        row = Connection.objects.select_for_update().filter(pk=pk).first()
        if row is None:
            return 0
        sealed, token = vault.resealed(row.sealed), vault.resealed(row.token)
        return Connection.objects.filter(pk=pk).update(sealed=sealed, token=token)
