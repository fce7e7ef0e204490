// <time-left seconds="872" until="2027-06-12T18:00:00.000Z" minutes="{m} min {s} s" …>14 min 32 s</time-left> counts down. Without
// JavaScript it shows the time left when the page was made.
//
// The device's clock may be wrong, so only how far it moves counts. When it jumps (it was set, or the device slept), the server is
// asked for its time. With under two minutes left, the element named by warn="…" says so, once. At the end there is an event, time-over.
const WARN_AT = 120;
const JUMP_MS = 2000;

class TimeLeft extends HTMLElement {
  connectedCallback() {
    this.begin(Number(this.getAttribute("seconds")) * 1000);
    this.wake = () => document.visibilityState === "visible" && this.tick();
    document.addEventListener("visibilitychange", this.wake);
    addEventListener("pageshow", this.wake);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.wake);
    removeEventListener("pageshow", this.wake);
  }

  begin(left) {
    this.end = Date.now() + left;
    this.drift = Date.now() - performance.now();
    this.tick();
  }

  tick() {
    clearTimeout(this.timer);
    if (Math.abs(Date.now() - performance.now() - this.drift) > JUMP_MS) this.askServer();
    const left = Math.max(0, this.end - Date.now());
    this.show(Math.ceil(left / 1000));
    if (left > 0) this.timer = setTimeout(() => this.tick(), left % 1000 || 1000);
    else if (!this.asking) this.over();
  }

  show(seconds) {
    const text = inWords(seconds, this);
    if (this.textContent !== text) this.textContent = text;
    if (this.toggleAttribute("late", seconds <= WARN_AT)) {
      const warned = document.getElementById(this.getAttribute("warn") ?? "");
      if (warned && !warned.textContent) warned.textContent = warned.dataset.text;
    }
  }

  over() {
    if (this.isOver) return;
    this.isOver = true;
    this.dispatchEvent(new CustomEvent("time-over", { bubbles: true }));
  }

  // Any answer of the server carries its time; this script's own address costs it the least.
  async askServer() {
    this.drift = Date.now() - performance.now();
    this.asking = true;
    const answer = await fetch(import.meta.url, { method: "HEAD", cache: "no-store" }).catch(() => null);
    this.asking = false;
    const now = Date.parse(answer?.headers.get("date") ?? "");
    if (!this.isConnected) return;
    if (Number.isNaN(now)) this.tick();
    else this.begin(Date.parse(this.getAttribute("until")) - now);
  }
}

// The same words as the server's.
function inWords(seconds, element) {
  const minutes = Math.floor(seconds / 60);
  const fill = (unit, values) => (element.getAttribute(unit) ?? "").replace(/\{(\w)\}/g, (_, name) => values[name]);
  if (minutes === 0) return fill("last", { s: seconds });
  if (minutes < 60) return fill("minutes", { m: minutes, s: seconds % 60 });
  return fill("hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

customElements.define("time-left", TimeLeft);
