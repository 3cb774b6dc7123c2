"""«Telegram: фото»: a file through a bot by sendPhoto."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy

from actions.kinds.telegram.file import SendFile


class SendPhoto(SendFile):
    key = "telegram.photo"
    alias = "telegram_photo"
    title = gettext_lazy("Telegram: photo")
    about = gettext_lazy("Sends a picture to a person, a group or a channel through your bot")
    words = "телеграм фото картинка изображение бот чат telegram"
    sample: ClassVar[dict[str, Any]] = {"message_id": 42, "chat_id": 987654321, "file_id": "AgACAgIAAxkBAAIB"}
    method = "sendPhoto"
    field = "photo"
