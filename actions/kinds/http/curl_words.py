"""A command line to its words, as bash and the command prompt of Windows read it; nothing is run or expanded."""

import re

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}
_CODED = re.compile(r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})")
_CONTINUED = re.compile(r"\^\r?\n(\r?\n)?")


def words(text: str) -> list[str]:
    """The words of the first command. Raises ValueError("quote") when a quote is not closed."""
    text = re.sub(r"`\r?\n", " ", text.strip().removeprefix("$ "))  # PowerShell goes on so
    return _windows(text) if re.search(r"\^[\"\r\n]", text) else _Bash(text).words()


class _Bash:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\\\r\n", "\\\n")
        self.at = 0

    def words(self) -> list[str]:
        found: list[str] = []
        word: str | None = None
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign in " \t":
                found, word, self.at = found + ([word] if word is not None else []), None, self.at + 1
            elif self._ends(sign):
                break
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            else:
                word = (word or "") + self._piece(sign)
        return found + ([word] if word is not None else [])

    def _ends(self, sign: str) -> bool:
        """Whether another command begins. A lone & inside a word is meant for the address, whose quotes are missing."""
        following = self.text[self.at + 1 : self.at + 2]
        return sign in "\n;|<>" or (sign == "&" and following in ("", "&", " ", "\n"))

    def _piece(self, sign: str) -> str:
        if sign == "'":
            return self._until("'", self.at + 1)
        if sign == '"':
            return self._double(self.at + 1)
        if self.text.startswith("$'", self.at):
            return self._ansi(self.at + 2)
        if self.text.startswith('$"', self.at):
            return self._double(self.at + 2)
        if sign == "\\":
            self.at += 2
            return self.text[self.at - 1 : self.at]
        self.at += 1
        return sign

    def _until(self, quote: str, start: int) -> str:
        end = self.text.find(quote, start)
        if end < 0:
            raise ValueError("quote")
        self.at = end + 1
        return self.text[start:end]

    def _double(self, at: int) -> str:
        piece: list[str] = []
        while at < len(self.text):
            sign, following = self.text[at], self.text[at + 1 : at + 2]
            if sign == '"':
                self.at = at + 1
                return "".join(piece)
            if sign == "\\" and following and following in '$`"\\\n':
                piece.append("" if following == "\n" else following)
                at += 2
            else:
                piece.append(sign)
                at += 1
        raise ValueError("quote")

    def _ansi(self, at: int) -> str:
        """$'…', as browsers copy what holds line breaks or quotes."""
        piece: list[str] = []
        while at < len(self.text):
            sign = self.text[at]
            if sign == "'":
                self.at = at + 1
                # \ud83d\ude00 is one sign
                return "".join(piece).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            if sign != "\\":
                piece.append(sign)
                at += 1
                continue
            coded = _CODED.match(self.text, at + 1)
            if coded:
                piece.append(_character(coded))
                at = coded.end()
            else:
                escaped = self.text[at + 1 : at + 2]
                piece.append(_ESCAPES.get(escaped, escaped))
                at += 2
        raise ValueError("quote")


def _character(coded: re.Match[str]) -> str:
    code = int(coded[4], 8) if coded[4] else int(coded[1] or coded[2] or coded[3], 16)
    return chr(code) if code < 0x110000 else "\ufffd"


def _windows(text: str) -> list[str]:
    """^ takes a sign's meaning away, at a line's end it goes on; then as Microsoft's C programs split arguments."""
    text = _CONTINUED.sub(lambda found: "\n" if found[1] else " ", text)
    return _arguments(re.sub(r"\^(.)", r"\1", text, flags=re.DOTALL))


def _arguments(text: str) -> list[str]:
    found: list[str] = []
    word: str | None = None
    quoted = False
    at = 0
    while at < len(text):
        slashes = len(text) - at - len(text[at:].lstrip("\\"))
        if slashes and text[at + slashes : at + slashes + 1] == '"':
            word = (word or "") + "\\" * (slashes // 2) + ('"' if slashes % 2 else "")
            at += slashes + slashes % 2
        elif text[at] == '"':
            word = word or ""
            if quoted and text[at + 1 : at + 2] == '"':
                word += '"'
                at += 1
            else:
                quoted = not quoted
            at += 1
        elif text[at].isspace() and not quoted:
            found, word, at = found + ([word] if word is not None else []), None, at + 1
        else:
            word = (word or "") + text[at]
            at += 1
    if quoted:
        raise ValueError("quote")
    return found + ([word] if word is not None else [])
