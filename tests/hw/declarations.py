"""Public declarations of C++ headers, as far as the Arduino API's style needs it: for comparing two APIs by name.

Not a C++ parser: headers are preprocessed first; function bodies, private members and initialisers are skipped.
"""

import re
from collections.abc import Iterator

_SCOPE = re.compile(r"^(?:typedef\s+)?(namespace|class|struct|union|enum(?:\s+class)?)\b\s*(\w*)")
_FUNCTION = re.compile(r"(~?\b\w+|\boperator\s*(?:\(\)|[^\s\w(]+|[\w\s:*&]+?))\s*\(")
_ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)+|\balignas\s*\(\w+\)")
_SPECIFIERS = re.compile(r"^(?:(?:friend|virtual|inline|static|extern|explicit|constexpr|typedef)\b\s*)+")
_TYPE_WORDS = {"const", "volatile", "unsigned", "signed", "int", "long", "short", "char", "float", "double", "bool",
               "void", "auto", "struct", "enum", "class"}  # fmt: skip
_SAME_TYPE = {"uint8_t": "unsigned char", "pin_size_t": "unsigned char", "byte": "unsigned char", "boolean": "bool",
              "uint16_t": "unsigned short", "uint32_t": "unsigned long", "unsigned": "unsigned int"}  # fmt: skip


def declarations(text: str) -> set[str]:
    """`Scope::name(parameter types)` of each public function of `text`, `Scope::name` of all else.

    The namespace `arduino` is left out of names. Macros stand as `#name`.
    """
    macros = {f"#{name}" for name in re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", text, flags=re.MULTILINE)}
    code = re.sub(r"^[ \t]*#(?:\\\n|.)*$", "", text, flags=re.MULTILINE)
    code = re.sub(r'//.*?$|/\*.*?\*/|"(?:\\.|[^"\\])*"', " ", code, flags=re.MULTILINE | re.DOTALL)
    return macros | set(_walk(_tokens(_ATTRIBUTE.sub(" ", code)), "", public=True))


def _tokens(code: str) -> Iterator[str]:
    """Pieces of code between braces, semicolons and access labels, and those themselves."""
    code = re.sub(r'\bextern\s*(?:" ")?\s*\{', "extern {", code)
    for piece in re.split(r"([{};]|\b(?:public|private|protected)\s*:)", code):
        if piece.strip():
            yield " ".join(piece.split())


def _walk(tokens: Iterator[str], scope: str, public: bool) -> Iterator[str]:
    """Declarations up to the brace that closes `scope`."""
    head = ""
    for token in tokens:
        if token == "}":
            return
        if token.endswith(":") and token[:6] in ("public", "privat", "protec"):
            public, head = token.startswith("public"), ""
        elif token == "{":
            yield from _block(tokens, head, scope, public)
            head = "" if not head.startswith("typedef") else "typedef "
        elif token == ";":
            yield from (_simple(head, scope) if public else ())
            head = ""
        else:
            head = f"{head} {token}".strip()


def _block(tokens: Iterator[str], head: str, scope: str, public: bool) -> Iterator[str]:
    head = re.sub(r"^template\s*<[^>]*>\s*", "", head)
    found = _SCOPE.match(head)
    if head == "extern" or (found and found[1] == "namespace"):
        name = "" if head == "extern" or found is None else found[2]
        inside = scope if name in ("", "arduino") else f"{scope}{name}::"
        yield from _walk(tokens, inside, public=True)
    elif found and found[1].startswith("enum"):
        yield from _enumerators(tokens, scope, found[2], public)
    elif found and not head.endswith(")"):
        if public and found[2]:
            yield f"{scope}{found[2]}"
        inner = f"{scope}{found[2]}::" if found[2] else f"{scope}?::"
        members = _walk(tokens, inner, public=found[1] != "class")
        yield from (m for m in list(members) if public)
    else:
        _skip(tokens)
        yield from (_simple(head, scope) if public else ())


def _enumerators(tokens: Iterator[str], scope: str, name: str, public: bool) -> Iterator[str]:
    body = ""
    for token in tokens:
        if token == "}":
            break
        body += token
    if public:
        yield from ([f"{scope}{name}"] if name else [])
        yield from (f"{scope}{word}" for word in re.findall(r"(?:^|,)\s*(\w+)", re.sub(r"=[^,]*", "", body)))


def _skip(tokens: Iterator[str]) -> None:
    depth = 1
    for token in tokens:
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth == 0:
            return


def _simple(head: str, scope: str) -> Iterator[str]:
    """What a declaration without braces, or the head of a function, declares."""
    head = re.sub(r"^template\s*<[^>]*>\s*", "", head)
    friend = head.startswith("friend")
    if (
        not head
        or head.startswith(("using namespace", "static_assert", ")"))
        or re.match(r"^friend (class )?\w+$", head)
    ):
        return
    if head.startswith("using "):
        alias = re.match(r"using\s+(?:\w+::)*(\w+)", head)
        yield from ([f"{scope}{alias[1]}"] if alias and "write" not in alias[1] else [])
        return
    pointer = re.match(r"typedef\b.*\(\s*(?:\w+::)?\*\s*(\w+)\s*\)", head)
    if pointer:
        yield f"{scope}{pointer[1]}"
        return
    typedef = head.startswith("typedef")
    head = _SPECIFIERS.sub("", head)
    function = None if typedef else _FUNCTION.search(head)
    if function and "=" not in head[: function.start()].replace("operator=", ""):
        name = re.sub(r"\s+", " ", function[1].strip()).replace("operator ", "operator")
        yield f"{'' if friend else scope}{name}({_parameters(head[function.end() :])})"
    elif re.match(r"^(class|struct|enum)\s+\w+$", head):
        yield f"{scope}{head.split()[1]}"
    else:
        names = re.findall(r"(\w+)\s*(?:\[[^\]]*\])?\s*$", re.sub(r"=.*", "", head.split(",")[0]))
        yield from (f"{scope}{name}" for name in names)


def _parameters(rest: str) -> str:
    """Types of the parameters in `rest`, which begins after the opening parenthesis."""
    depth, parts, part = 0, [], ""
    for c in rest:
        if c == ")" and depth == 0:
            break
        depth += {"(": 1, "<": 1, ")": -1, ">": -1}.get(c, 0)
        if c == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += c
    parts.append(part)
    types = [_type(p) for p in parts]
    return ", ".join(t for t in types if t not in ("", "void"))


def _type(parameter: str) -> str:
    text = re.sub(r"\(\s*\*\s*\w+\s*\)", "(*)", re.sub(r"=.*", "", parameter)).replace("arduino::", "")
    text = re.sub(r"\b(?!(?:char|int)\s*\[)(\w+)\s*\[\d*\]", r"*\1", text)
    text = re.sub(r"\b(char|int)\s*\[\d*\]", r"\1 *", text)
    words = re.findall(r"[\w:]+(?:<[^>]*>)?|[*&]+|\(.*", text)
    named = [w for w in words if re.match(r"\w", w)]
    has_name = (
        len(named) > 1 and named[-1] == words[-1] and named[-1] not in _TYPE_WORDS and set(named[:-1]) - {"const"}
    )
    if has_name or words[-1:] == ["const"]:
        words.pop()
    words = [_SAME_TYPE.get(w, w) for w in words]
    if words[:1] == ["unsigned int"] and words[1:2] and words[1] in _TYPE_WORDS:
        words[0] = "unsigned"
    if words[:1] == ["const"] and not any(w[0] in "*&" for w in words):
        words = words[1:]  # of a value, which is the caller's no business
    text = re.sub(r" ?([*&(])", r"\1", " ".join(words)).replace("(*)(void)", "(*)()")
    return text.replace("(*)", " (*)").strip()
