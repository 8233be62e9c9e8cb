"""FastAPI and Keras `predict`, as tutorials have it: one picture at a time, in the thread of its request."""

import io
from typing import Any

import keras
import numpy as np
import requests
import uvicorn
from fastapi import FastAPI
from PIL import Image

from bench.peers.servers.task import BUNDLE, PORT, SIDE, top

app = FastAPI()
model = keras.models.load_model(f"{BUNDLE}/model.keras", compile=False)


@app.get("/classify")
def classify(url: str) -> dict[str, Any]:
    picture = Image.open(io.BytesIO(requests.get(url, timeout=60).content)).convert("RGB")
    array = keras.utils.img_to_array(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    logits = model.predict(np.expand_dims(array, 0), verbose=0)
    return top(keras.ops.convert_to_numpy(keras.ops.softmax(logits))[0])


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, access_log=False)
