"""The options of curl (https://curl.se/docs/manpage.html): which take a value, and which have no meaning here."""

SHORT = {
    "A": "user-agent", "b": "cookie", "c": "cookie-jar", "C": "continue-at", "d": "data", "D": "dump-header",
    "e": "referer", "E": "cert", "F": "form", "f": "fail", "G": "get", "g": "globoff", "H": "header", "I": "head",
    "i": "include", "J": "remote-header-name", "K": "config", "k": "insecure", "L": "location", "m": "max-time",
    "N": "no-buffer", "n": "netrc", "O": "remote-name", "o": "output", "q": "disable", "R": "remote-time",
    "r": "range", "S": "show-error", "s": "silent", "T": "upload-file", "U": "proxy-user", "u": "user", "v": "verbose",
    "w": "write-out", "X": "request", "x": "proxy", "Z": "parallel", "z": "time-cond", "#": "progress-bar",
    "0": "http1.0", "1": "tlsv1", "4": "ipv4", "6": "ipv6", "p": "proxytunnel", "y": "speed-time", "Y": "speed-limit",
}  # fmt: skip

WITH_VALUE = {
    "user-agent", "cookie", "cookie-jar", "continue-at", "data", "data-ascii", "data-binary", "data-raw",
    "data-urlencode", "dump-header", "referer", "cert", "cert-type", "key", "key-type", "pass", "cacert", "capath",
    "form", "form-string", "header", "config", "max-time", "connect-timeout", "output", "range", "upload-file",
    "proxy-user", "user", "write-out", "request", "proxy", "time-cond", "url", "url-query", "json", "retry",
    "retry-delay", "retry-max-time", "max-redirs", "limit-rate", "interface", "resolve", "connect-to", "socks5",
    "socks5-hostname", "socks4", "preproxy", "noproxy", "ciphers", "tls-max", "oauth2-bearer", "aws-sigv4",
    "output-dir", "trace", "trace-ascii", "stderr", "max-filesize", "speed-time", "speed-limit", "keepalive-time",
    "unix-socket", "proto", "proto-redir", "dns-servers", "local-port", "request-target", "variable", "expand-data",
}  # fmt: skip

MEANINGLESS = {
    "silent", "show-error", "verbose", "include", "fail", "fail-with-body", "output", "remote-name", "write-out",
    "dump-header", "globoff", "no-buffer", "compressed", "http1.0", "http1.1", "http2", "http2-prior-knowledge",
    "http3", "ipv4", "ipv6", "progress-bar", "no-progress-meter", "disable", "parallel", "remote-header-name",
    "remote-time", "trace", "trace-ascii", "stderr", "keepalive-time", "tcp-nodelay", "no-keepalive", "path-as-is",
    "output-dir", "create-dirs", "styled-output", "tlsv1", "tlsv1.2", "tlsv1.3",
}  # fmt: skip
"""About what curl shows and how it connects; nothing is lost without them."""

IN_CONNECTION = {
    "proxy", "proxy-user", "preproxy", "socks5", "socks5-hostname", "socks4", "cert", "cert-type", "key", "key-type",
    "pass",
}  # fmt: skip

TIMES = {"max-time", "connect-timeout", "retry", "retry-delay", "retry-max-time", "speed-time", "speed-limit"}


def parse(words: list[str]) -> list[tuple[str, str]]:
    """Options with their values in order; an address has the name "url". Raises ValueError(option) for a lost value."""
    found: list[tuple[str, str]] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("--") and len(word) > 2:
            found.append(_long(word[2:], rest))
        elif word.startswith("-") and len(word) > 1:
            found += _cluster(word[1:], rest)
        else:
            found.append(("url", word))
    return found


def _long(word: str, rest: list[str]) -> tuple[str, str]:
    name, sign, value = word.partition("=")
    return name, value if sign and name in WITH_VALUE else _value(name, rest)


def _cluster(letters: str, rest: list[str]) -> list[tuple[str, str]]:
    """-sSLk, -XPOST: what follows an option that takes a value is the value."""
    found: list[tuple[str, str]] = []
    for at, letter in enumerate(letters, 1):
        name = SHORT.get(letter, letter)
        if name in WITH_VALUE and letters[at:]:
            return [*found, (name, letters[at:])]
        found.append((name, _value(name, rest)))
    return found


def _value(name: str, rest: list[str]) -> str:
    if name not in WITH_VALUE:
        return ""
    if not rest:
        raise ValueError(name)
    return rest.pop(0)
