// <live-list event="KEY" gone="…" changed="…"><ul>…<li data-ticket="ID" data-version="0">…</li></ul></live-list> keeps the listings of an
// event up to date. A listing that is gone says so where it stands, so that nothing moves under a finger. When one is new or has
// changed, the page is fetched again and the list is replaced.
import { LiveElement } from "./live-element.js";

// Many visitors look at the same event: they do not all ask at once.
const SPREAD_MS = 1500;

class LiveList extends LiveElement {
  address() {
    return `/api/tickets/live?event=${this.getAttribute("event")}`;
  }

  listen(events) {
    events.addEventListener("ticket", (event) => this.changed(JSON.parse(event.data)));
    events.addEventListener("gone", (event) => this.gone(JSON.parse(event.data).id));
    events.addEventListener("reload", () => this.later());
  }

  missed() {
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
