// <order-live events="/api/orders/ID/live" version="0">…</order-live> keeps what is in it up to date: when the order changes
// elsewhere, its page is fetched again and only what is in here is replaced. Nothing is replaced as long as the order can be paid,
// so a card that is being typed stays. With again="2" the page is fetched again after so many seconds, while somebody looks.
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60000;

class OrderLive extends HTMLElement {
  connectedCallback() {
    this.said = document.createElement("p");
    this.said.className = "hidden";
    this.said.setAttribute("role", "status");
    this.after(this.said);
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.addEventListener("time-over", () => this.fetchAgain(), { signal });
    addEventListener("pagehide", () => this.close(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.resume(), { signal });
    document.addEventListener("visibilitychange", () => this.plan(), { signal });
    this.open();
    this.plan();
  }

  disconnectedCallback() {
    this.close();
    this.stop.abort();
    this.said.remove();
  }

  // The browser connects again by itself after a lost connection, but not after a refusal, such as 503.
  open() {
    this.events = new EventSource(this.getAttribute("events"));
    this.events.addEventListener("open", () => (this.pause = FIRST_PAUSE_MS));
    this.events.addEventListener("order", (event) => {
      if (JSON.parse(event.data).version > Number(this.getAttribute("version"))) this.fetchAgain();
    });
    this.events.addEventListener("error", () => {
      if (this.events.readyState !== EventSource.CLOSED) return;
      this.pause = Math.min((this.pause ?? FIRST_PAUSE_MS) * 2, LONGEST_PAUSE_MS);
      this.retry = setTimeout(() => this.resume(), this.pause);
    });
  }

  close() {
    clearTimeout(this.retry);
    clearTimeout(this.timer);
    this.events?.close();
  }

  // Something may have been missed.
  resume() {
    this.close();
    this.open();
    this.fetchAgain();
  }

  plan() {
    clearTimeout(this.timer);
    const seconds = Number(this.getAttribute("again"));
    if (seconds && document.visibilityState === "visible") this.timer = setTimeout(() => this.fetchAgain(), seconds * 1000);
  }

  async fetchAgain() {
    const answer = await fetch(location.pathname, { headers: { accept: "text/html" } }).catch(() => null);
    if (answer?.redirected) return location.reload();
    const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page && page.querySelector("order-live");
    if (fresh && this.isConnected) this.take(fresh, page);
    this.plan();
  }

  take(fresh, page) {
    const isSame = fresh.getAttribute("state") === this.getAttribute("state");
    for (const name of ["version", "state", "again"]) {
      if (fresh.hasAttribute(name)) this.setAttribute(name, fresh.getAttribute(name));
      else this.removeAttribute(name);
    }
    if (isSame) return;
    const hadFocus = this.contains(document.activeElement);
    this.replaceChildren(...document.adoptNode(fresh).childNodes);
    document.title = page.title;
    document.querySelector(".open-orders")?.replaceWith(page.querySelector(".open-orders") ?? "");
    const heading = this.querySelector("[data-state]");
    this.said.textContent = heading?.textContent ?? "";
    if (hadFocus) heading?.focus();
  }
}

customElements.define("order-live", OrderLive);
