// <self-refresh id="listings" seconds="10">…</self-refresh> looks again every so often while somebody looks at it, and takes what has
// changed from the same page. The focus stays where it was.
class SelfRefresh extends HTMLElement {
  connectedCallback() {
    this.look = () => {
      clearTimeout(this.timer);
      if (document.visibilityState === "visible") this.timer = setTimeout(() => this.refresh(), this.pause());
    };
    this.seen = () => document.visibilityState === "visible" && this.refresh();
    this.last = this.innerHTML;
    document.addEventListener("visibilitychange", this.seen);
    this.look();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }

  pause() {
    return Number(this.getAttribute("seconds")) * 1000;
  }

  async refresh() {
    try {
      const answer = await fetch(location.href, { redirect: "error", cache: "no-store" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(this.id);
      if (answer.ok && fresh) this.take(fresh);
    } catch {
      // The next look may find the server again.
    }
    this.look();
  }

  take(fresh) {
    if (fresh.innerHTML === this.last) return;
    this.last = fresh.innerHTML;
    const focused = this.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    this.replaceChildren(...document.importNode(fresh, true).childNodes);
    if (focused) this.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

customElements.define("self-refresh", SelfRefresh);
