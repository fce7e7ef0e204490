// <event-suggest label="…" found="… %n …">…<input id="title">…</event-suggest> proposes events that are there already while one types a
// title. Choosing one fills in title, venue, city and time. Without JavaScript there is a search above the form (#find-event).
const PAUSE_MS = 200;
const LEAST_LETTERS = 2;
const MOST_PROPOSED = 6;

class EventSuggest extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    document.getElementById("find-event")?.setAttribute("hidden", "");
    this.list = this.make("ul", { role: "listbox", id: "event-suggestions", "aria-label": this.getAttribute("label") });
    this.list.hidden = true;
    this.status = this.make("p", { role: "status", class: "hidden" });
    this.input.after(this.list, this.status);
    const combobox = { role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(combobox)) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("blur", () => this.close());
    // Before the input loses the focus.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(this.options().indexOf(option));
    });
  }

  make(name, attributes, ...content) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value ?? "");
    element.append(...content);
    return element;
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    const typed = this.input.value.trim();
    this.asked?.abort();
    if (typed.length < LEAST_LETTERS) return this.close();
    this.asked = new AbortController();
    try {
      const path = `/api/tickets/events?limit=${MOST_PROPOSED}&q=${encodeURIComponent(typed)}`;
      const answer = await fetch(path, { signal: this.asked.signal });
      this.show(answer.ok ? await answer.json() : []);
    } catch {
      // The next letter asks again, and the form works without proposals.
    }
  }

  show(events) {
    this.events = events;
    this.list.replaceChildren(...events.map((event, at) => this.option(event, at)));
    if (events.length === 0 || document.activeElement !== this.input) return this.close();
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.status.textContent = this.getAttribute("found").replace("%n", events.length);
    this.activate(-1);
  }

  option(event, at) {
    const about = [inWords(event.startsAt), event.venue, event.city].filter(Boolean).join(", ");
    const attributes = { role: "option", id: `event-suggestion-${at}`, "aria-selected": "false" };
    return this.make("li", attributes, this.make("b", {}, event.title), " ", this.make("span", {}, about));
  }

  options() {
    return [...this.list.children];
  }

  activate(at) {
    this.active = at;
    for (const [index, option] of this.options().entries()) option.setAttribute("aria-selected", String(index === at));
    const active = this.options()[at];
    if (active) this.input.setAttribute("aria-activedescendant", active.id);
    else this.input.removeAttribute("aria-activedescendant");
    active?.scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    if (this.list.hidden || event.isComposing) return;
    const count = this.list.children.length;
    if (event.key === "ArrowDown") this.activate((this.active + 1) % count);
    else if (event.key === "ArrowUp") this.activate(this.active <= 0 ? count - 1 : this.active - 1);
    else if (event.key === "Enter" && this.active >= 0) this.choose(this.active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = "";
  }

  choose(at) {
    const event = this.events[at];
    this.fill("title", event.title);
    this.fill("venue", event.venue ?? "");
    this.fill("city", event.city ?? "");
    const [, date, time, offset] = /^(\S+)T(\d\d:\d\d)[\d:.]*(Z|[+-]\d\d:\d\d)$/.exec(event.startsAt ?? "") ?? [];
    this.fill("date", date ?? "");
    this.fill("time", time ?? "");
    if (offset) this.zone(offset === "Z" ? "+00:00" : offset);
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  fill(id, value) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }

  // The event's own offset, as an option of the list of zones.
  zone(offset) {
    const select = document.getElementById("zone");
    if (!select) return;
    const known = [...select.options].some((option) => option.value === offset);
    if (!known) select.prepend(new Option(`UTC${offset}`, offset));
    select.value = offset;
  }
}

// The clock of the venue, whatever the device's zone.
function inWords(startsAt) {
  if (!startsAt) return "";
  const wall = new Date(`${startsAt.slice(0, 16)}:00Z`);
  const parts = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" };
  return new Intl.DateTimeFormat(document.documentElement.lang || undefined, parts).format(wall);
}

customElements.define("event-suggest", EventSuggest);
