// <submit-once busy="Paying …"><button>Pay</button></submit-once> in a form: the form is sent once, however often the button is
// pressed. Until the answer is there, the form's buttons are off and this one says what is going on.
class SubmitOnce extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    if (!this.form) return;
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.form.addEventListener("submit", (event) => this.sent(event), { signal });
    // Back from the page behind, which may keep this one as it was left.
    addEventListener("pageshow", (event) => event.persisted && this.release(), { signal });
  }

  disconnectedCallback() {
    this.stop?.abort();
  }

  sent(event) {
    if (this.isBusy) {
      event.preventDefault();
      return;
    }
    // Afterwards: a button that is off does not send its own value, and another script may have kept the form from being sent.
    setTimeout(() => event.defaultPrevented || this.hold());
  }

  hold() {
    this.isBusy = true;
    this.button = this.querySelector("button");
    this.label = [...this.button.childNodes];
    if (this.hasAttribute("busy")) this.button.textContent = this.getAttribute("busy");
    for (const button of this.form.querySelectorAll("button")) button.disabled = true;
    this.form.setAttribute("aria-busy", "true");
  }

  release() {
    if (!this.isBusy) return;
    this.isBusy = false;
    this.button.replaceChildren(...this.label);
    for (const button of this.form.querySelectorAll("button")) button.disabled = false;
    this.form.removeAttribute("aria-busy");
  }
}

customElements.define("submit-once", SubmitOnce);
