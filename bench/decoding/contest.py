"""Every way over every photo: what the network makes of it, and what it takes."""

import time
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np
from rich.progress import track

from bench.decoding.labeled import Network, Photo
from bench.decoding.ways import Way
from classifier.recipe import Recipe


def accuracy(
    ways: Mapping[str, Way], photos: Sequence[Photo], recipe: Recipe, network: Network
) -> dict[str, dict[str, float]]:
    """Of each way: top-1 and top-5 in percent, and how far it is from the first one."""
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for photo in track(photos, "accuracy", transient=True):
        squares = {name: way(photo.data, recipe) for name, way in ways.items()}
        scores = {name: network.scores(square) for name, square in squares.items()}
        first = next(iter(ways))
        for name in ways:
            off = np.abs(squares[name].astype(int) - squares[first]).mean()
            rows[name].append(
                {"pixels_off": float(off), **_judged(scores[name], scores[first], photo.right)}
            )
    return {name: _mean(each) for name, each in rows.items()}


def _judged(scores: np.ndarray, first: np.ndarray, right: Iterable[int]) -> dict[str, float]:
    order = np.argsort(-scores, kind="stable")[:5].tolist()
    right = set(right)
    return {
        "top1": 100.0 * (order[0] in right),
        "top5": 100.0 * bool(right & set(order)),
        "score_of_right": float(max(scores[list(right)])),
        "scores_off": float(np.abs(scores - first).sum()),
        "same_top1": 100.0 * (order[0] == int(first.argmax())),
    }


def _mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}


def cost(
    ways: Mapping[str, Way], files: Sequence[bytes], recipe: Recipe, rounds: int
) -> dict[str, float]:
    """CPU milliseconds a picture of each way, median of rounds in which they take turns."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in track(range(rounds), "cost", transient=True):
        for name, way in ways.items():
            start = time.process_time()
            for data in files:
                way(data, recipe)
            spent[name].append(1000 * (time.process_time() - start) / len(files))
    return {name: round(median(each), 3) for name, each in spent.items()}


def table(found: Mapping[str, Any]) -> list[list[str]]:
    """Head and rows of one recipe's figures."""
    measures = list(next(iter(found.values())))
    rows = [[name, *(f"{row[each]:g}" for each in measures)] for name, row in found.items()]
    return [["way", *measures], *rows]
