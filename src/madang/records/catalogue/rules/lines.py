"""In which line of a YAML file something stands. Slow: asked only when there is a mistake."""

from collections.abc import Iterator

import yaml

from madang.records.catalogue.rules.merging import Fault, Path

Node = yaml.Node


class Lines:
    """A YAML text as a tree of nodes that know where they stand."""

    def __init__(self, text: str) -> None:
        """Raises yaml.YAMLError for a text that is not YAML."""
        self._root: Node | None = yaml.compose(text, yaml.CSafeLoader)

    def of(self, path: Path) -> int:
        """The line, from 1, of what ``path`` names, or of the nearest thing around it that is there."""
        node, line = self._root, 1
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            node, line = found
        return line

    def twice(self) -> Iterator[tuple[int, Fault]]:
        """Every key that a mapping gives twice, with its line: YAML itself would silently take the last."""
        return _twice(self._root, ())


def _child(node: Node | None, step: str | int) -> tuple[Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((value, _line(key)) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], _line(node.value[step])
    return None


def _twice(node: Node | None, path: Path) -> Iterator[tuple[int, Fault]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # reading it will say that this is no key
            if key.value in seen:
                yield _line(key), Fault((*path, key.value), "stands here twice", "keep one of them")
            seen.add(key.value)
            yield from _twice(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _twice(value, (*path, index))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
