// <device-zone><select id="zone">…</select></device-zone> begins with the zone of the device instead of the usual one, as long as
// nobody has chosen another. Most people sell tickets for places near them.
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
  }
}

customElements.define("device-zone", DeviceZone);
