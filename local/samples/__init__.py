"""Two free photos and the small server that hands them out, so that a first try needs no internet."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FIRST = "coffee.jpg"  # what the printed curl asks for: an espresso
