// <print-page label="Print the receipt"></print-page> is a button that prints the page. Without JavaScript there is none.
class PrintPage extends HTMLElement {
  connectedCallback() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = this.getAttribute("label");
    button.addEventListener("click", () => print());
    this.replaceChildren(button);
  }
}

customElements.define("print-page", PrintPage);
