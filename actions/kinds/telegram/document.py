"""«Telegram: документ»: a file through a bot by sendDocument."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy

from actions.kinds.telegram.file import SendFile


class SendDocument(SendFile):
    key = "telegram.document"
    alias = "telegram_document"
    title = gettext_lazy("Telegram: document")
    about = gettext_lazy("Sends a file to a person, a group or a channel through your bot")
    words = "телеграм документ файл бот чат telegram"
    sample: ClassVar[dict[str, Any]] = {"message_id": 42, "chat_id": 987654321, "file_id": "AgACAgIAAxkBAAIB"}
    method = "sendDocument"
    field = "document"
