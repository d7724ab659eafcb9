"""What docs/catalogue.md shows works as it stands there."""

import re

from madang.entrypoints.settings import HOUSE
from madang.kernel.languages import Language
from madang.records.catalogue import store
from madang.records.catalogue.rules import checking, reading
from madang.records.catalogue.rules.shape import FieldShape, ServiceShape

PAGE = (HOUSE / "docs" / "catalogue.md").read_text(encoding="utf-8")
SEOUL = HOUSE / "profiles" / "seoul"


def test_the_example_is_a_whole_service_that_people_find():
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    files = {**store.files(SEOUL), "services/street-light-repair.yaml": example}
    assert checking.problems(files) == []
    assert reading.read(files).index.find("streetlihgt", Language.EN)[0].service.id == "street-light-repair"


def test_every_key_of_a_service_and_of_a_question_is_explained():
    for shape in (ServiceShape, FieldShape):
        unnamed = {key for key in shape.__struct_fields__ if f"`{key}`" not in PAGE and f"`{key}:" not in PAGE}
        assert unnamed <= {"purpose", "audience", "eligibility", "you_get"}  # “name … you_need”


def test_every_file_of_the_profile_is_named_in_its_readme():
    readme = (SEOUL / "README.md").read_text(encoding="utf-8")
    folders = {f"{path.name}/" for path in SEOUL.iterdir() if path.is_dir()}
    files = {f"`{path.name}`" for path in SEOUL.glob("*.yaml")}
    assert [name for name in sorted(folders | files) if name not in readme] == []
