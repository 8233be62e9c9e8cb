// Server-sent events out of a fetched stream: an EventSource can send no key.

/** Each event's data, parsed. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value.replaceAll("\r", "")).split("\n\n");
      rest = blocks.pop();
      yield* blocks.flatMap(data);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function data(block) {
  const lines = block.split("\n").filter((line) => line.startsWith("data:"));
  return lines.length ? [JSON.parse(lines.map((line) => line.slice(5).trimStart()).join("\n"))] : [];
}
