"""A processing once more, with its sources and actions; its history stays with the first."""

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from processings.models import Processing, State
from tenants import journal
from tenants.models import Verb

LONGEST_NAME = 200


def copy(processing: Processing) -> Processing:
    """A stopped copy. Its sources get addresses of their own and keep the fields that were set up."""
    ending = _(" (copy)")
    name = processing.name[: LONGEST_NAME - len(ending)] + ending
    with transaction.atomic():
        copied: Processing = _again(processing, name=name, state=State.STOPPED)
        for source in processing.sources.all():
            # The request behind the sample stands in the history of the first processing.
            _again(source, processing_id=copied.pk, captured_id=None, hook={})
        blocks: dict[Any, Any] = {None: None}
        for action in processing.actions.all():  # a block comes before what is inside it
            blocks[action.pk] = _again(action, processing_id=copied.pk, parent_id=blocks[action.parent_id]).pk
        journal.note(copied, Verb.COPIED)
    return copied


def _again(row: Any, **changes: Any) -> Any:
    """A new row with the same values; what must be unique is made anew."""
    model: type[models.Model] = type(row)
    same = {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields if not field.unique}
    fresh = model(**same | changes)
    fresh.save(force_insert=True)
    return fresh
