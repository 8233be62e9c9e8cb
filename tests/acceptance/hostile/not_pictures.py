"""Bytes that are no picture of a format that is read: by their look, their name or their intent."""

import gzip
import io
import os
import struct
import zipfile

from PIL import Image

from tests.acceptance.hostile.pictures import encoded, picture

_RED = Image.new("RGB", (32, 32), (220, 20, 30))


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("red.png", picture("red"))
    return file.getvalue()


def _psd() -> bytes:
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, 32, 32, 8, 3)
    return head + bytes(12) + b"\0\0" + bytes(32 * 32 * 3)


_EPS = (
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"
    b"(/etc/passwd) run (%pipe%touch /tmp/owned) (w) file\n%%EOF\n"
)
_SVG = (
    b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://10.1.2.3/"/>&x;</svg>'
)
_MP4 = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"mp41") + bytes(400)
_MVG = (
    b"push graphic-context\nviewbox 0 0 9 9\nfill 'url(http://10.1.2.3/|id)'\npop graphic-context\n"
)

FILES: dict[str, bytes] = {
    "html": b"<!doctype html><title>no picture</title><img src='http://10.1.2.3/'>",
    "svg": _SVG,
    "svg-compressed": gzip.compress(_SVG),
    "xml": b"<?xml version='1.0'?><a/>",
    "pdf": encoded(_RED, "PDF"),
    "zip": _zip(),
    "gzip-of-a-png": gzip.compress(picture("red")),
    "text": b"this is no picture\n" * 20,
    "json": b'{"url": "http://10.1.2.3/"}',
    "one-byte": b"\x89",
    "zeros": bytes(10_000),
    "noise": os.urandom(10_000),
    "script": b"#!/bin/sh\ntouch /tmp/owned\n",
    "elf": b"\x7fELF\x02\x01\x01" + bytes(500),
    "pickle": b"cos\nsystem\n(S'touch /tmp/owned'\ntR.",
    "eps": _EPS,
    "imagemagick-drawing": _MVG,
    "psd": _psd(),
    "jpeg2000": encoded(_RED, "JPEG2000"),
    "ico": encoded(_RED, "ICO"),
    "icns": encoded(_RED.resize((64, 64)), "ICNS"),
    "ppm": encoded(_RED, "PPM"),
    "tga": encoded(_RED, "TGA"),
    "pcx": encoded(_RED, "PCX"),
    "dds": encoded(_RED, "DDS"),
    "sgi": encoded(_RED, "SGI"),
    "xbm": encoded(_RED.convert("1"), "XBM"),
    "msp": encoded(_RED.convert("1"), "MSP"),
    "im": encoded(_RED, "IM"),
    "spider": encoded(_RED.convert("F"), "SPIDER"),
    "mp4": _MP4,
    "webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01" + bytes(400),
    "avi": b"RIFF\x00\x10\0\0AVI LIST" + bytes(400),
    "wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
    "mp3": b"ID3\x04" + bytes(400),
    "wmf": b"\xd7\xcd\xc6\x9a" + bytes(400),
    "fits": b"SIMPLE  =                    T".ljust(2880),
    "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(400),
    "numpy": b"\x93NUMPY\x01\x00" + bytes(400),
    "jng": b"\x8bJNG\r\n\x1a\n" + bytes(400),
}
