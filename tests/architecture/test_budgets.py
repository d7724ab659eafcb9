"""Budgets that keep the house readable: short functions and files, names that say something, reasons for exceptions."""

import ast
import re
import statistics
import subprocess
from functools import cache

from madang.entrypoints.settings import HOUSE

LONGEST_FUNCTION, LONGEST_FILE, USUAL_FILE, MEDIAN_FUNCTION, MOST_PARAMETERS = 60, 400, 250, 8, 6
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "managers"}
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=HOUSE, capture_output=True, text=True, check=True)
    return [HOUSE / name for name in listed.stdout.splitlines() if (HOUSE / name).is_file()]


@cache
def sources():
    """Every Python file of ours that is not a test or a migration, with its tree."""
    paths = [path for path in tracked("src/*.py", "tools/*.py", "benchmarks/*.py") if "migrations" not in path.parts]
    return [(path, text, ast.parse(text)) for path in paths for text in [path.read_text(encoding="utf-8")]]


def functions():
    return [
        (path, node) for path, _, tree in sources() for node in ast.walk(tree) if isinstance(node, Function)
    ]


def body_lines(node):
    """Lines from the first statement after the docstring to the end."""
    has_docstring = ast.get_docstring(node) is not None and len(node.body) > 1
    return node.end_lineno - node.body[1 if has_docstring else 0].lineno + 1


def where(path, line=None):
    return f"{path.relative_to(HOUSE)}:{line}" if line else str(path.relative_to(HOUSE))


def test_no_function_is_longer_than_a_screen():
    long = [where(path, node.lineno) for path, node in functions() if node.end_lineno - node.lineno >= LONGEST_FUNCTION]
    assert long == []


def test_half_of_all_functions_are_short():
    assert statistics.median(body_lines(node) for _, node in functions()) <= MEDIAN_FUNCTION


def test_no_file_is_longer_than_a_sitting_and_most_are_much_shorter():
    lengths = {where(path): text.count("\n") for path, text, _ in sources()}
    assert [name for name, lines in lengths.items() if lines > LONGEST_FILE] == []
    short = sum(lines <= USUAL_FILE for lines in lengths.values())
    assert short / len(lengths) >= 0.9


def test_no_function_asks_for_too_much():
    def asked(node):
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        return sum(one.arg not in {"self", "cls"} for one in given)

    many = [(path, node.lineno) for path, node in functions() if asked(node) > MOST_PARAMETERS]
    lines = {path: text.splitlines() for path, text, _ in sources()}
    assert [where(path, at) for path, at in many if "PLR0913 -- " not in lines[path][at - 1]] == []


def test_no_file_is_a_drawer():
    assert [where(path) for path in tracked("*.py") if path.stem in DRAWERS] == []


def test_nothing_is_left_for_later():
    kinds = ("*.py", "*.html", "*.css", "*.js", "*.yaml", "*.toml", "*.md", "*.typ", "Makefile")
    left = [
        where(path, number)
        for path in tracked(*kinds)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert left == []


def test_whoever_catches_everything_says_why():
    broad = [
        (where(path, node.lineno), text.splitlines()[node.lineno - 1])
        for path, text, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    ]
    assert broad, "the house has edges, and they catch everything: this test looks in the wrong place"
    assert [place for place, line in broad if not _has_reason(line)] == []


def _is_broad(handler):
    """Whether it catches whatever comes; an Exception that goes on is not swallowed, a finally needs no catching."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {getattr(one, "id", "elsewhere") if one else None for one in caught}
    return bool(names & {None, "BaseException"}) or (
        "Exception" in names and not isinstance(handler.body[-1], ast.Raise)
    )


def test_whatever_stops_a_process_is_seen_even_when_it_goes_on():
    def broad(caught):
        return _is_broad(ast.parse(f"try:\n    f()\nexcept {caught}:\n    g()\n    raise").body[0].handlers[0])

    assert [broad(one) for one in ("BaseException", "(OSError, BaseException)", "", "Exception", "OSError")] == [
        True, True, True, False, False,
    ]


def _has_reason(line):
    """A comment with words of its own, beyond the code of a check that it silences."""
    comment = re.sub(r"noqa: [A-Z0-9, ]+", "", line.partition("#")[2])
    return len(re.findall(r"[a-z]{2,}", comment)) >= 3


def test_every_silenced_check_of_ours_says_why():
    silent = [
        where(path, number)
        for path, text, _ in sources()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(r"#\s*noqa\b", line) and not re.search(r"#\s*noqa: [A-Z0-9, ]+ -- \w+", line)
    ]
    assert silent == []


def test_paths_hold_no_spaces_or_capitals_beyond_the_usual():
    odd = re.compile(r"[^a-z0-9._-]")
    usual = {"README.md", "LC_MESSAGES", "zh_Hans", "LICENSE", "OFL.txt"}
    folders = ("src", "tools", "tests", "docs", "profiles", "benchmarks")
    parts = {(where(path), part) for path in tracked(*folders) for part in path.relative_to(HOUSE).parts}
    assert [path for path, part in sorted(parts) if odd.search(part) and part not in usual] == []
