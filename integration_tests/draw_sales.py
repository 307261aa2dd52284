"""Draw the sales of the invented shop: ``python draw_sales.py > seeds/erp_sales.csv``."""

import csv
import random
import sys
from datetime import datetime, timedelta

CUSTOMERS = 150
ARTICLES = [
    ("A1", "Lamp", 24.5),
    ("A2", "Chair", 79.0),
    ("A3", "Candle", 3.2),
    ("A4", "Rug", 120.0),
]
FIRST_DAY = datetime(2024, 1, 2, 9)

draw = random.Random(16)  # noqa: S311 - an invented shop keeps no secret
sales = csv.writer(sys.stdout, lineterminator="\n")
sales.writerow(["sale_no", "buyer", "article", "article_text", "land", "pieces", "each", "sold_at"])
number = 0
for buyer in range(1, CUSTOMERS + 1):
    day = FIRST_DAY + timedelta(days=draw.randrange(330))
    for _ in range(draw.choice([1, 1, 1, 2, 3, 6])):
        number += 1
        for article, text, each in draw.sample(ARTICLES, draw.choice([1, 1, 2])):
            pieces = draw.choice([1, 1, 2, 3, 6])
            row = [f"S{number:05}", f"C{buyer:04}", article, text, "Austria", pieces, each]
            sales.writerow([*row, f"{day:%Y-%m-%d %H:%M:%S}"])
            if draw.random() < 0.05:
                back = day + timedelta(days=3)
                row = [f"R{number:05}", *row[1:5], -pieces, each]
                sales.writerow([*row, f"{back:%Y-%m-%d %H:%M:%S}"])
        day += timedelta(days=draw.randrange(5, 60))
