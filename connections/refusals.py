"""Whether what a service says of a request means the account, where its answers have no code for that."""

import re

LONGEST = 1000
_KEY = r"(?:(?:секретн\w+|api|апи|secret|access|auth)[\s-]+)?(?:ключ|токен|key|token)"
_DENIES = re.compile(
    rf"\b(?:не\s?верн|неправильн|не\s?валидн|недействительн|некорректн|просрочен|wrong|invalid|incorrect|bad|expired)\w*"
    rf"\s+{_KEY}|\b{_KEY}\w*\s+(?:доступа\s+)?(?:is\s+)?(?:не\s?верн|неправильн|не\s?валид|недейств|некоррект|просроч|ист[её]к"
    r"|устарел|отозван|не\s+(?:найден|подходит|подош[её]л|существует)|wrong|invalid|incorrect|expired|revoked|not\s)"
    r"|\bдоступ\w*\s+(?:к\s+(?:api|апи|аккаунту)\s+)?(?:запрещ|закрыт|отклон)|\bнет\s+доступа\s+к\s+(?:api|апи|аккаунту)"
    r"|\bв\s+доступе\s+отказано|\bотказано\s+в\s+доступе|\bавториз|не\s?авториз"
    r"|\baccess\s+(?:is\s+)?(?:denied|forbidden)|\bunauthori[sz]ed|\bnot\s+authori[sz]ed|\bauthori[sz]ation",
    re.IGNORECASE,
)


def denies(said: str) -> bool:
    """Only where it is clear: “this time is not available” is about the request, and the key is well."""
    return _DENIES.search(said[:LONGEST]) is not None
