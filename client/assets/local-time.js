// <local-time><time datetime="2027-06-12T18:00:00.000Z">18:00 UTC</time></local-time> shows the time of the device's zone instead,
// in the page's language; with format="date" the day as well. Without JavaScript the text stays.
class LocalTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const instant = new Date(time?.dateTime ?? "");
    if (Number.isNaN(instant.getTime())) return;
    const day = { day: "numeric", month: "long", year: "numeric" };
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const parts = this.getAttribute("format") === "date" ? { ...day, ...clock } : clock;
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang || undefined, parts).format(instant);
    time.title = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
      dateStyle: "full",
      timeStyle: "long",
    }).format(instant);
  }
}

customElements.define("local-time", LocalTime);
