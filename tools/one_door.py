"""An import contract: a room is entered by its door."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OneDoor(Contract):
    """Fail when a module reaches past another room's doors.

    ``doors`` are parts of a room (``facade``); an entry with dots is one more door of that one room only.
    The wiring may also take a room's manifest and, in the courtyard, the servers named in ``engines``.
    """

    districts = fields.ListField(subfield=fields.StringField())
    doors = fields.SetField(subfield=fields.StringField())
    wiring = fields.StringField()
    engines = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001 -- import-linter's signature
        """Collect every import that enters a room elsewhere than by a door."""
        trespasses = [
            details
            for imported in sorted(graph.modules)
            if (room := self._room_behind(imported))
            for importer in sorted(graph.find_modules_that_directly_import(imported))
            if not self._may_enter(importer, imported, room)
            for details in graph.get_import_details(importer=importer, imported=imported)
        ]
        return ContractCheck(kept=not trespasses, metadata={"trespasses": trespasses})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say each trespass by file, line and content."""
        for found in check.metadata["trespasses"]:
            output.print_error(f"{found['importer']}:{found['line_number']}: {found['line_contents']}")

    def _room_behind(self, module: str) -> str | None:
        for district in self.districts:
            if module.startswith(f"{district}."):
                return ".".join(module.split(".")[: district.count(".") + 2])
        return None

    def _may_enter(self, importer: str, imported: str, room: str) -> bool:
        inside = importer == room or importer.startswith(f"{room}.")
        part = imported.removeprefix(room).lstrip(".").partition(".")[0]
        wired = importer.startswith(self.wiring) and (part in {"room", ""} or imported in (self.engines or ()))
        return inside or wired or part in self.doors or imported in self.doors
