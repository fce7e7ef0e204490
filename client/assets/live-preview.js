// <live-preview form="listing">…</live-preview> shows what the server makes of a form while one fills it in. It sends the form with the
// button "preview", as the button does without JavaScript, and takes the same element out of the answer. A chosen file is not sent.
const PAUSE_MS = 400;

class LivePreview extends HTMLElement {
  connectedCallback() {
    this.form = document.getElementById(this.getAttribute("form"));
    this.button = this.form?.querySelector("button[name=preview]");
    if (!this.button) return;
    this.button.hidden = true;
    this.closest("aside")?.classList.remove("asked");
    this.later = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.show(), PAUSE_MS);
    };
    this.form.addEventListener("input", this.later);
    this.form.addEventListener("change", this.later);
    this.show();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.form?.removeEventListener("input", this.later);
    this.form?.removeEventListener("change", this.later);
  }

  async show() {
    const sent = new FormData(this.form);
    for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name);
    sent.set("preview", "yes");
    this.asked?.abort();
    this.asked = new AbortController();
    try {
      const answer = await fetch(this.form.action, { method: "POST", body: sent, signal: this.asked.signal, redirect: "error" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const shown = page.querySelector("live-preview");
      if (answer.ok && shown) this.replaceChildren(...document.importNode(shown, true).childNodes);
    } catch {
      // The next letter asks again.
    }
  }
}

customElements.define("live-preview", LivePreview);
