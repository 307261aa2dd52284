"""Write the demo seeds: four invented shops with the flaws of real extracts.

Run ``python scripts/generate_demo_seeds.py [--output seeds/demo]``. Nothing here comes from a real
shop: every row is drawn from one fixed random seed, so that running the script again writes the
same bytes. ``demo/flaws.py`` lists every flaw that is planted, and how often.
"""

import argparse
from pathlib import Path

from demo.department_store import department_store_tables
from demo.olist import olist_tables
from demo.online_retail import online_retail_tables
from demo.shared_ids import share_ids
from demo.shopify import shopify_tables
from demo.tables import Table, random_stream, write_table

DEFAULT_OUTPUT = Path(__file__).resolve().parents[1] / "seeds" / "demo"


def demo_tables() -> list[Table]:
    """Draw every demo table, each shop from a random stream of its own."""
    online_retail = online_retail_tables(random_stream("online_retail"))
    return [
        *online_retail,
        *share_ids(online_retail[0], olist_tables(random_stream("olist"))),
        *department_store_tables(random_stream("department_store")),
        *shopify_tables(random_stream("shopify")),
    ]


def main() -> None:
    """Read the command line and write the tables."""
    parser = argparse.ArgumentParser(description="Write the demo seeds.")
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT, help="folder to write to")
    output: Path = parser.parse_args().output
    for table in demo_tables():
        path = write_table(table, output)
        print(f"{path.name}: {len(table.rows):,} lines")


if __name__ == "__main__":
    main()
