"""Which words of a service mean the account, and which only the request."""

import pytest

from connections.refusals import denies


@pytest.mark.parametrize(
    "said",
    [
        "Неверный ключ", "Неверный секретный ключ", "Неверный токен доступа", "Не верный API-ключ", "Токен просрочен",
        "API ключ не найден", "Доступ запрещён", "Доступ к API закрыт", "Нет доступа к API", "Отказано в доступе",
        "Ошибка авторизации", "Пользователь не авторизован", "Access denied", "Wrong secret key", "Invalid token",
        "invalid access token", "Token is invalid", "Unauthorized", "token not found",
    ],
)  # fmt: skip
def test_the_account_is_refused(said: str) -> None:
    assert denies(f"account: {said}.")


@pytest.mark.parametrize(
    "said",
    [
        "недоступно", "Время недоступно", "Сотрудник недоступен в этот день", "Доступ к курсу уже выдан",
        "Нет доступных окон", "Ключ поля не задан", "Неверный телефон", "Неизвестный ключевой показатель",
        "accessory not found", "phone: invalid value", "—", "",
    ],
)  # fmt: skip
def test_the_request_is_refused(said: str) -> None:
    assert not denies(said)
