"""Static files whose names carry their content's hash, so that a browser keeps them for a year."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedFiles(ManifestStaticFilesStorage):
    """Hashed names once ``collectstatic`` has run; before that, in tests, the plain ones."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The name with its hash; the plain one while nothing is collected, and for a file that is not there."""
        try:
            return super().stored_name(name) if self.hashed_files else name
        except ValueError:  # without a typeface a page can be read; without a page, not even its error can
            return name
