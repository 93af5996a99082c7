"""A parser for answers that forgives nothing: no DOCTYPE, no attributes, no element twice."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat


class BadXml(Exception):
    """Not the XML that the platform accepts."""


class _Tree:
    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._path: list[tuple[str, dict[str, Any], list[str]]] = [("", self.root, [])]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._path[-1][1]
        if attributes or name in parent or len(self._path) > 5:
            raise BadXml(f"{name}: attributes, a repeated element, or too deep")
        parent[name] = ""
        self._path.append((name, {}, []))

    def text(self, data: str) -> None:
        self._path[-1][2].append(data)

    def end(self, name: str) -> None:
        _, children, texts = self._path.pop()
        self._path[-1][1][name] = children or "".join(texts)

    def refuse(self, *_: object) -> None:
        raise BadXml("a document type declaration")


def parse_xml(body: bytes, root: str = "xml") -> dict[str, Any]:
    """The elements inside the root, of UTF-8: texts, or dicts of elements. Raises `BadXml`."""
    tree, parser = _Tree(), expat.ParserCreate("utf-8")
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text
    parser.StartDoctypeDeclHandler = tree.refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise BadXml("not well-formed") from error
    inside = tree.root.get(root)
    if not isinstance(inside, dict):
        raise BadXml(f"the root element is not <{root}> with elements inside")
    return inside
