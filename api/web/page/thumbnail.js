// A small copy of a picture, as text that fits into this browser's storage.

const SIDE = 160; // pixels

/** Base64 of a JPEG; an empty text where the picture cannot be drawn. */
export async function thumbnail(blob) {
  try {
    const bitmap = await createImageBitmap(blob);
    const side = Math.min(bitmap.width, bitmap.height);
    const canvas = new OffscreenCanvas(SIDE, SIDE);
    const from = [(bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side];
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, SIDE, SIDE);
    pen.drawImage(bitmap, ...from, 0, 0, SIDE, SIDE);
    const small = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.7 });
    return btoa(String.fromCharCode(...new Uint8Array(await small.arrayBuffer())));
  } catch {
    return "";
  }
}

/** The picture that such a text is. */
export function pictured(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: "image/jpeg" });
}
