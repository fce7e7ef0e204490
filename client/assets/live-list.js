// <live-list event="KEY" gone="…" changed="…"><ul>…<li data-ticket="ID" data-version="0">…</li></ul></live-list> keeps the listings of an
// event up to date. A listing that is gone says so where it stands, so that nothing moves under a finger. When one is new or has
// changed, the page is fetched again and the list is replaced.
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60000;
// Many visitors look at the same event: they do not all ask at once.
const SPREAD_MS = 1500;

class LiveList extends HTMLElement {
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

  open() {
    this.events = new EventSource(`/api/tickets/live?event=${this.getAttribute("event")}`);
    this.events.addEventListener("open", () => (this.pause = FIRST_PAUSE_MS));
    this.events.addEventListener("ticket", (event) => this.changed(JSON.parse(event.data)));
    this.events.addEventListener("gone", (event) => this.gone(JSON.parse(event.data).id));
    this.events.addEventListener("reload", () => this.later());
    this.events.addEventListener("error", () => {
      if (this.events.readyState !== EventSource.CLOSED) return;
      this.pause = Math.min((this.pause ?? FIRST_PAUSE_MS) * 2, LONGEST_PAUSE_MS);
      this.retry = setTimeout(() => this.resume(), this.pause);
    });
  }

  close() {
    clearTimeout(this.retry);
    clearTimeout(this.timer);
    this.timer = undefined;
    this.events?.close();
  }

  // Something may have been missed.
  resume() {
    this.close();
    this.open();
    this.later();
  }

  entry(id) {
    return this.querySelector(`[data-ticket="${CSS.escape(id)}"]`);
  }

  changed(ticket) {
    const entry = this.entry(ticket.id);
    const isKnown = entry && !entry.hasAttribute("data-gone") && Number(entry.dataset.version) >= ticket.version;
    if (!isKnown) this.later();
  }

  gone(id) {
    const entry = this.entry(id);
    if (!entry || entry.hasAttribute("data-gone")) return;
    entry.setAttribute("data-gone", "");
    const badge = document.createElement("span");
    badge.className = "badge warn";
    badge.textContent = this.getAttribute("gone");
    entry.querySelector("h3").append(" ", badge);
    this.said.textContent = `${entry.querySelector("h3").textContent}`;
  }

  later() {
    this.timer ??= setTimeout(() => this.fetchAgain(), 200 + Math.random() * SPREAD_MS);
  }

  async fetchAgain() {
    this.timer = undefined;
    const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
    const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page && page.querySelector("live-list");
    if (!fresh || !this.isConnected) return;
    const focused = this.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    this.replaceChildren(...document.adoptNode(fresh).childNodes);
    if (focused) this.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    this.said.textContent = this.getAttribute("changed");
  }
}

customElements.define("live-list", LiveList);
