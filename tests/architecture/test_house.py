"""The house keeps its promises about itself: true commands, numbered decisions, no address of a registry."""

import re

from madang.entrypoints.settings import HOUSE
from tests.architecture.test_budgets import tracked, where

CLI = HOUSE / "src" / "madang" / "entrypoints" / "cli"
VERBS = {path.stem.replace("_", "-") for path in CLI.glob("[a-z]*.py")}
TARGETS = set(re.findall(r"^([a-z-]+):", (HOUSE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
HOSTS = r"\S*(?:pypi|pythonhosted|npmjs|yarnpkg|registry\.|artifactory|nexus|/simple\b|mirrors?\.)"
REGISTRY = re.compile(rf"(?:https?://|index-url\s*=?\s*){HOSTS}", re.IGNORECASE)


def pages():
    return tracked("*.md")


def test_no_tracked_file_holds_the_address_of_a_registry():
    text_kinds = {".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".in", ".json", ".cfg", ".sh", ".html", ".js", ""}
    found = [
        where(path, number)
        for path in tracked()
        if path.suffix in text_kinds and path.name != "test_house.py"
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if REGISTRY.search(line)
    ]
    assert found == []


def commands(page):
    """The code on a page: between backticks, indented, or fenced."""
    text = page.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"`[^`\n]+`|^    .+?$|^```[^\n]*\n.*?^```", text, re.MULTILINE | re.DOTALL))


def named(pattern):
    return {(where(page), name) for page in pages() for name in re.findall(pattern, commands(page))}


def test_every_verb_and_target_that_a_page_names_exists():
    assert {(page, verb) for page, verb in named(r"\bmadang ([a-z][a-z-]+)") if verb not in VERBS} == set()
    assert {(page, goal) for page, goal in named(r"(?m)(?:^ *|`)make ([a-z][a-z-]+)") if goal not in TARGETS} == set()


def test_every_module_and_test_that_a_page_names_exists():
    modules = named(r"-m ((?:tools|benchmarks)[\w.]*\w)")
    assert {(page, name) for page, name in modules if not (HOUSE / f"{name.replace('.', '/')}.py").is_file()} == set()
    tests = named(r"\bpytest ((?:tests|benchmarks)/[\w/.]+)")
    assert {(page, path) for page, path in tests if not (HOUSE / path).exists()} == set()


def test_every_bench_that_a_page_names_exists():
    folder = HOUSE / "benchmarks"
    known = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    benches = named(r"\bmadang bench ([a-z_-]+)")
    assert {(page, name) for page, name in benches if name.replace("-", "_") not in known} == set()


def test_decisions_are_numbered_once_and_have_a_standing():
    decisions = sorted((HOUSE / "docs" / "decisions").glob("[0-9]*.md"))
    numbers = [page.name[:4] for page in decisions]
    assert sorted(set(numbers)) == numbers
    assert [page.name for page in decisions if "Status:" not in page.read_text(encoding="utf-8")[:400]] == []


def test_no_two_doors_give_one_name_to_different_schemas():
    """In the API's document the later one would silently stand for both."""
    doors = tracked("src/madang/*/*/api.py")
    names = [name for path in doors for name in re.findall(r"^class (\w+)\(Schema\)", path.read_text(), re.MULTILINE)]
    assert len(names) > len(doors)
    assert [name for name in names if names.count(name) > 1] == []


def test_no_two_test_files_without_a_package_share_a_name():
    """The runner would collect one of them and call the other a mistake."""
    loose = [path for path in tracked("tests/**/test_*.py") if not (path.parent / "__init__.py").exists()]
    assert loose
    names = [path.name for path in loose]
    assert sorted({name for name in names if names.count(name) > 1}) == []
