// What elements have in common that a live stream keeps up to date: the connection, which is made again after a loss or a refusal, and
// a place where people who do not see the page are told of a change. Each says where its stream is (`address`), what it does with the
// events (`listen`), and what when it may have missed some (`missed`).
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60000;

export class LiveElement extends HTMLElement {
  connectedCallback() {
    this.said = document.createElement("p");
    this.said.className = "hidden";
    this.said.setAttribute("role", "status");
    this.after(this.said);
    this.stop = new AbortController();
    const { signal } = this.stop;
    addEventListener("pagehide", () => this.close(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.resume(), { signal });
    this.open();
  }

  disconnectedCallback() {
    this.close();
    this.stop.abort();
    this.said.remove();
  }

  // The browser connects again by itself after a lost connection, but not after a refusal, such as 503.
  open() {
    this.events = new EventSource(this.address());
    this.events.addEventListener("open", () => (this.pause = FIRST_PAUSE_MS));
    this.events.addEventListener("error", () => {
      if (this.events.readyState !== EventSource.CLOSED) return;
      this.pause = Math.min((this.pause ?? FIRST_PAUSE_MS) * 2, LONGEST_PAUSE_MS);
      this.retry = setTimeout(() => this.resume(), this.pause);
    });
    this.listen(this.events);
  }

  close() {
    clearTimeout(this.retry);
    clearTimeout(this.timer);
    this.timer = undefined;
    this.events?.close();
  }

  resume() {
    this.close();
    this.open();
    this.missed();
  }
}
