// <file-limit most="2097152" message="…"><input type="file"></file-limit> says at once that a chosen file is too large, and keeps the form
// from being sent. Without JavaScript the server says so.
class FileLimit extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    input?.addEventListener("change", () => {
      const isTooLarge = [...input.files].some((file) => file.size > Number(this.getAttribute("most")));
      input.setCustomValidity(isTooLarge ? this.getAttribute("message") : "");
      input.reportValidity();
    });
  }
}

customElements.define("file-limit", FileLimit);
