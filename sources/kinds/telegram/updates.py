"""An update of the Telegram Bot API as plain fields (core.telegram.org/bots/api#update, read in May 2026)."""

from typing import Any

from connections.kinds.telegram.chats import title

Data = dict[str, Any]

EVENTS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "message_reaction",
    "inline_query",
    "chosen_inline_result",
    "pre_checkout_query",
    "shipping_query",
    "poll_answer",
)
FILES = ("document", "video", "audio", "voice", "animation", "video_note", "sticker")


def flat(update: Data) -> Data:
    """The fields people need, by short names, before the whole update under "update". Only those that came."""
    event = next((name for name in update if name != "update_id"), "")
    told = _dict(update.get(event))
    message = _dict(told.get("message")) if event == "callback_query" else told
    person = _dict(told.get("from") or told.get("user") or message.get("sender_chat"))
    fields = {"update_id": update.get("update_id"), "event": event}
    fields |= _chat(_dict(message.get("chat"))) | _person(person) | _message(message)
    if event == "callback_query":
        fields |= {"callback_id": told.get("id"), "callback_data": told.get("data")}
    fields |= {"member_status": _dict(told.get("new_chat_member")).get("status"), "query": told.get("query")}
    return {name: value for name, value in fields.items() if value not in (None, "")} | {"update": update}


def _chat(chat: Data) -> Data:
    return {"chat_id": chat.get("id"), "chat_type": chat.get("type"), "chat_title": title(chat)}


def _name(person: Data) -> str:
    return " ".join(str(person[part]) for part in ("first_name", "last_name") if person.get(part))


def _person(person: Data) -> Data:
    names = ("first_name", "last_name", "username", "language_code")
    return {"user_id": person.get("id"), "name": _name(person), **{name: person.get(name) for name in names}}


def _message(message: Data) -> Data:
    text = message.get("text") or message.get("caption") or ""
    contact, place = _dict(message.get("contact")), _dict(message.get("location"))
    return {
        "message_id": message.get("message_id"),
        "date": message.get("date"),
        "topic": message.get("message_thread_id"),
        "text": text,
        **_command(str(text)),
        "phone": contact.get("phone_number"),
        "contact_name": _name(contact),
        "latitude": place.get("latitude"),
        "longitude": place.get("longitude"),
        **_file(message),
    }


def _command(text: str) -> Data:
    """`/start@clinic_bot abc` is the command "start" with "abc"."""
    if not text.startswith("/"):
        return {}
    command, _space, rest = text[1:].partition(" ")
    return {"command": command.split("@")[0], "command_text": rest.strip()}


def _file(message: Data) -> Data:
    """The file_id that another action sends on; of a photo the largest size."""
    photos = message.get("photo")
    if isinstance(photos, list) and photos:
        return {"photo_id": _dict(photos[-1]).get("file_id")}
    for name in FILES:
        file = _dict(message.get(name))
        if file:
            return {"file_id": file.get("file_id"), "file_name": file.get("file_name"), "file_kind": name}
    return {}


def _dict(value: Any) -> Data:
    return value if isinstance(value, dict) else {}
