// The stream of what changes. The browser comes back by itself when it breaks; what was missed comes then.

const TOPICS = ["ticks", "standing", "ledger", "dead", "sources", "3h", "24h"];

/** Follows one window at a time; `heard(topic, document)` for what comes, `state(word)` for how the stream is. */
export class Feed {
  #source = null;
  #heard;
  #state;

  constructor(heard, state) {
    this.#heard = heard;
    this.#state = state;
    addEventListener("pagehide", () => this.#source?.close());
  }

  open(window_) {
    this.#source?.close();
    const source = (this.#source = new EventSource(`/operate/events?window=${window_}`));
    for (const topic of TOPICS) {
      source.addEventListener(topic, ({ data }) => this.#heard(topic, JSON.parse(data)));
    }
    source.addEventListener("over", () => {
      source.close();
      location.assign("/sign-in?next=/operate");
    });
    source.onopen = () => this.#state("live");
    source.onerror = () => {
      this.#state("lost");
      // A refusal ends an EventSource for good; a page that was open over night is signed out by now.
      if (source.readyState === EventSource.CLOSED) this.#again(window_);
    };
  }

  #again(window_) {
    const closed = this.#source;
    setTimeout(async () => {
      if (this.#source !== closed) return;
      const told = await fetch("/session", { cache: "no-store" })
        .then((response) => response.json())
        .catch(() => null);
      if (told && !told.scopes.includes("operate")) location.assign("/sign-in?next=/operate");
      else this.open(window_);
    }, 3000);
  }
}
