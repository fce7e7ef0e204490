// <device-zone><select id="zone">…</select></device-zone> begins with the zone of the device instead of the usual one, as long as
// nobody has chosen another. Most people sell tickets for places near them. When the city that is typed is one of a zone's, that zone is
// chosen.
class DeviceZone extends HTMLElement {
  connectedCallback() {
    const select = this.querySelector("select");
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    // A browser that keeps what was typed before a reload keeps the choice as well.
    const usual = select?.querySelector("option[selected]");
    if (!zone || !usual || select.value !== usual.value) return;
    const same = [...select.options].find((option) => option.value === zone);
    if (!same) select.prepend(new Option(zone.split("/").pop().replaceAll("_", " "), zone));
    select.value = zone;
    const form = this.closest("form");
    select.addEventListener("change", () => (this.isChosen = true));
    form?.elements.city?.addEventListener("change", (event) => this.isChosen || this.follow(select, event.target.value));
  }

  follow(select, city) {
    const named = city.trim().toLowerCase();
    const cities = (option) => option.textContent.toLowerCase().split(", ");
    const zone = named && [...select.options].find((option) => cities(option).includes(named));
    if (!zone || select.value === zone.value) return;
    select.value = zone.value;
    select.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("device-zone", DeviceZone);
