"""Which slots of a block hold actions: a form must know it, so that no branch goes with what is inside it."""

from collections import Counter

from django import forms

from actions.branches_field import BranchesField
from actions.models import Action


def hold(form: forms.Form, action: Action | None) -> None:
    """Tells the form's branches how many actions stand in each; None: the action is new."""
    if action is None:
        return
    for name, field in form.fields.items():
        if isinstance(field, BranchesField):
            inside = Action.objects.filter(parent_id=action.pk).values_list("slot", flat=True)
            field.hold(action.config.get(name) or [], Counter(inside))
