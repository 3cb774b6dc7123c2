"""What every template knows besides the request."""

from django.conf import settings
from django.http import HttpRequest


def mail_outbox(request: HttpRequest) -> dict[str, str]:
    """`mail_outbox`: the folder where mails pile up while no mail server is set, else an empty text."""
    return {"mail_outbox": settings.MAIL_OUTBOX}
