"""Справочник: a company's table of keys and values, to look things up in and to remember them between operations."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from actions.tables.bounds import (
    LONGEST_KEY,
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_TABLES,
)
from tenants.models import Tenant
from webjack.fields import PlainJSONField, uuid7

__all__ = [
    "LONGEST_KEY", "LONGEST_NAME", "LONGEST_VALUE", "MOST_COLUMNS", "MOST_ROWS", "MOST_TABLES", "Table", "TableRow",
]  # fmt: skip


class Table(models.Model):
    """columns: names of the values of a row, in their order. Actions name a table by its name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="tables", verbose_name=_("company"))
    name = models.CharField(_("Name"), max_length=LONGEST_NAME)
    columns = PlainJSONField(_("columns"), default=list)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    NOTED = ("name", "columns")  # tenants.journal

    class Meta:
        verbose_name = _("table")
        verbose_name_plural = _("tables")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="table_name_once")]

    def __str__(self) -> str:
        return self.name


class TableRow(models.Model):
    """values: by column. expires_at: from when on it is not found any more."""

    id = models.BigAutoField(primary_key=True)
    table = models.ForeignKey(Table, models.CASCADE, related_name="rows", verbose_name=_("table"))
    key = models.CharField(_("key"), max_length=LONGEST_KEY)
    values = PlainJSONField(_("values"), default=dict)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = _("row")
        verbose_name_plural = _("rows")
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["table", "key"], name="table_key_once")]

    def __str__(self) -> str:
        return self.key
