"""Draw the two boards that the README shows, from the published demo."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from patronage.dashboard import draw_shop, read_shops
from patronage.published import default_paths

PICTURES = ("overview", "movement")
DOCS = Path("docs")


def main() -> None:
    """Draw them for the first shop."""
    _, published = default_paths()
    with TemporaryDirectory() as work:
        shop = read_shops(published)[0]
        pages = draw_shop(Path("charts"), Path(work), published, shop, PICTURES, "png")
        for picture in PICTURES:
            shutil.copy(pages / f"{picture}.png", DOCS / f"{picture}.png")


if __name__ == "__main__":
    main()
