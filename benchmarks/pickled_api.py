"""The service to compare with: FastAPI that unpickles a scaler and a KMeans, and predicts.

It is what is usually written: typed rows in, ``log1p``, ``StandardScaler``, ``KMeans.predict``, and
the name of the cluster out. A batch goes through the same two calls, once as an array and once as
the DataFrame that many such services make of it. ``pickle.load`` is why patronage has no such file:
whoever can write it can run code in the service.
"""

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel


class Customer(BaseModel):
    """Figures of one customer: days, orders, money and percent."""

    recency: float
    frequency: float
    monetary: float
    return_rate_pct: float = 0.0


class Prediction(BaseModel):
    """Cluster from 1, and its name."""

    cluster: int
    segment: str


with Path(os.environ["PICKLED_MODEL"]).open("rb") as file:
    MODEL: dict[str, Any] = pickle.load(file)  # noqa: S301 - what is measured
app = FastAPI()


def predict(customers: list[Customer]) -> list[Prediction]:
    """Scale, predict and name."""
    features = np.array(
        [[row.recency, row.frequency, row.monetary, row.return_rate_pct] for row in customers]
    )
    scaled = MODEL["scaler"].transform(np.log1p(np.clip(features, 0.0, None)))
    clusters = MODEL["kmeans"].predict(scaled)
    return [
        Prediction(cluster=int(cluster) + 1, segment=MODEL["names"][cluster])
        for cluster in clusters
    ]


@app.get("/ping")
async def ping() -> dict[str, str]:
    """Say that the service runs."""
    return {"status": "ok"}


@app.post("/predict")
def predict_one(customer: Customer) -> Prediction:
    """Predict one customer."""
    return predict([customer])[0]


@app.post("/predict/batch")
def predict_batch(customers: list[Customer]) -> list[Prediction]:
    """Predict many customers."""
    return predict(customers)


@app.post("/predict/frame")
def predict_frame(customers: list[Customer]) -> list[Prediction]:
    """Predict many customers by way of a DataFrame."""
    frame = pd.DataFrame([customer.model_dump() for customer in customers])
    scaled = MODEL["scaler"].transform(np.log1p(frame.clip(lower=0.0).to_numpy()))
    clusters = MODEL["kmeans"].predict(scaled)
    return [
        Prediction(cluster=int(cluster) + 1, segment=MODEL["names"][cluster])
        for cluster in clusters
    ]
