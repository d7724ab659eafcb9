from django.db import migrations


class Migration(migrations.Migration):
    """The Iceberg catalogue keeps its tables in a schema of its own; it makes them itself."""

    initial = True
    dependencies = []
    operations = [migrations.RunSQL("CREATE SCHEMA IF NOT EXISTS lake", "DROP SCHEMA IF EXISTS lake CASCADE")]
