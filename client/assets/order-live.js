// <order-live events="/api/orders/ID/live" version="0">…</order-live> keeps what is in it up to date: when the order changes
// elsewhere, its page is fetched again and only what is in here is replaced. Nothing is replaced as long as the order can be paid,
// so a card that is being typed stays. With again="2" the page is fetched again after so many seconds, while somebody looks.
import { LiveElement } from "./live-element.js";

class OrderLive extends LiveElement {
  connectedCallback() {
    super.connectedCallback();
    const { signal } = this.stop;
    this.addEventListener("time-over", () => this.fetchAgain(), { signal });
    document.addEventListener("visibilitychange", () => this.plan(), { signal });
    this.plan();
  }

  address() {
    return this.getAttribute("events");
  }

  listen(events) {
    events.addEventListener("order", (event) => {
      if (JSON.parse(event.data).version > Number(this.getAttribute("version"))) this.fetchAgain();
    });
  }

  missed() {
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
