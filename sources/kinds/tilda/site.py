"""«Tilda»: what visitors enter into the forms of a site, and its orders."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sources.fields import SharedSecretField, keep, matches, secret, tell_kept
from sources.kind import LET_IN, Example, Guides, Met, Request, Watched, form_example
from sources.kinds.tilda import sent
from webjack.config import Config
from webjack.decode import Decoded
from webjack.http.headers import from_wire

OFF, ON = "off", "on"


class SiteForm(forms.Form):
    groups = ((gettext_lazy("Check of the sender"), ("key__check", "key__name", "key__secret")),)
    shown_for: ClassVar[dict[str, Any]] = {
        "key__name": ("key__check", (ON,)),
        "key__secret": ("key__check", (ON,)),
    }

    key__check = forms.ChoiceField(
        label=gettext_lazy("Who may send here"),
        choices=[(OFF, gettext_lazy("Whoever knows the address")), (ON, gettext_lazy("Only who has the API key"))],
        initial=OFF,
        required=False,
        help_text=gettext_lazy("With a key, requests without it are refused and kept in the history"),
    )
    key__name = forms.CharField(
        label=gettext_lazy("Name of the key"),
        max_length=100,
        initial="api_key",
        required=False,
        help_text=gettext_lazy("As in Tilda: of the field or of the header, both are looked at"),
    )
    key__secret = SharedSecretField(
        label=gettext_lazy("API key"), max_length=200, help_text=gettext_lazy("The same one as in Tilda")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        tell_kept(self, "key__secret")

    def clean_key__check(self) -> str:
        return self.cleaned_data["key__check"] or OFF

    def clean_key__name(self) -> str:
        return self.cleaned_data["key__name"].strip() or "api_key"

    def clean(self) -> None:
        super().clean()
        told = self.cleaned_data
        told["key__secret"] = keep(self, "key__secret") if told.get("key__check") == ON else ""
        if told.get("key__check") == ON and not told["key__secret"] and "key__secret" not in self.errors:
            self.add_error("key__secret", _("Enter the key"))


class Site(Watched):
    key = "tilda"
    title = "Tilda"
    about = gettext_lazy("Requests and orders from the forms of a site on Tilda")
    words = "tilda тильда сайт форма заявка заказ корзина"
    form = SiteForm
    guides: ClassVar[Guides] = (("tilda", "Tilda"), ("curl", "curl"))
    sample: ClassVar[Config] = sent.FORM
    examples: ClassVar[tuple[Example, ...]] = (
        form_example("form", gettext_lazy("A form is filled in"), sent.FORM),
        form_example("order", gettext_lazy("An order from the cart"), sent.ORDER),
    )
    labels: ClassVar[Mapping[str, Any]] = {
        "Name": gettext_lazy("Name of the visitor"),
        "Phone": gettext_lazy("Phone"),
        "Email": gettext_lazy("E-mail"),
        "Comments": gettext_lazy("Comment"),
        "tranid": gettext_lazy("Number of the request"),
        "formid": gettext_lazy("Id of the form"),
        "formname": gettext_lazy("Title of the form"),
        "utm_source": gettext_lazy("Source of the visit"),
        "utm_medium": gettext_lazy("Kind of traffic"),
        "utm_campaign": gettext_lazy("Campaign"),
        "payment.orderid": gettext_lazy("Number of the order"),
        "payment.amount": gettext_lazy("To pay"),
    }

    def meet(self, request: Request, headers: Mapping[str, str], config: Config) -> Met:
        """A key that is missing in the first request, which Tilda sends itself to try the address, is no reason."""
        decoded, rule = super().read(request, config), config.get("key") or {}
        name, fields = str(rule.get("name") or ""), dict(decoded.data)
        given = str(from_wire(headers.get(name, "")) or fields.pop(name, "")).strip()
        probe = fields == sent.PROBE
        met = Met(probe=_("Tilda has tried the address: it works")) if probe else LET_IN
        if rule.get("check") != ON or (probe and not given):
            return met
        if not matches(str(rule.get("secret")), given):
            refused = _("The API key is wrong") if given else _("The API key “%(name)s” is missing") % {"name": name}
            return Met(refused=refused, hidden=secret(given))
        return replace(met, hidden=secret(given))

    def repeats(self, config: Config) -> Config:
        """Tilda tries three times, a minute apart, and the number of the request stays."""
        return {"by": "field", "name": "tranid"}

    def read(self, request: Request, config: Config) -> Decoded:
        decoded, rule = super().read(request, config), config.get("key") or {}
        hidden = str(rule.get("name")) if rule.get("check") == ON else ""
        data = {name: value for name, value in decoded.data.items() if name != hidden}
        if "payment" in data:
            data["payment"] = sent.order(data["payment"])
        marks = sent.marks(data.pop(sent.COOKIES, None))
        return replace(decoded, data=marks | data)
