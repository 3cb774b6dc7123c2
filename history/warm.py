"""Loads before the workers are forked what each of them needs, so that they have it in common: some 20 MB for each."""

import gc

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from webjack import kinds
from webjack.http import ways


def up() -> None:
    """To be called once, by the process that forks."""
    ways.tls_context()
    for family in settings.KINDS:
        kinds.catalogue(family)
    with translation.override(settings.LANGUAGE_CODE):
        gettext("Queued")
    gc.collect()
    gc.freeze()  # the collector of a fork then leaves these pages as they are
    # Thousands of objects live from a claim to the flush, hardly one of them in a circle: looking through the newest at
    # each 700 more, as is usual, stood out in the worker's profile (docs/performance.md).
    gc.set_threshold(20_000, 20, 20)
