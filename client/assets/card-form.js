// <card-form key="pk_…" amount="1250" lang="en" unreachable="…"></card-form> shows Stripe's card form. When the form around it is posted, it makes a
// payment method (pm_…) of the card, puts it into the form's token field, and lets the post go on.
import { loadStripe } from "./stripe.js";

class CardForm extends HTMLElement {
  async connectedCallback() {
    try {
      await loadStripe();
    } catch {
      this.textContent = this.getAttribute("unreachable");
      return;
    }
    const stripe = Stripe(this.getAttribute("key"));
    const elements = stripe.elements({
      locale: this.lang || "auto",
      mode: "payment",
      amount: Number(this.getAttribute("amount")),
      currency: "usd",
      captureMethod: "manual",
      paymentMethodTypes: ["card"],
      paymentMethodCreation: "manual",
    });
    const card = document.createElement("div");
    const message = document.createElement("p");
    message.className = "message";
    message.setAttribute("role", "alert");
    this.replaceChildren(card, message);
    elements.create("payment").mount(card);

    const form = this.closest("form");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      message.textContent = "";
      const { error: incomplete } = await elements.submit();
      const { error, paymentMethod } = incomplete ? { error: incomplete } : await stripe.createPaymentMethod({ elements });
      if (error) {
        message.textContent = error.message;
        button.disabled = false;
        return;
      }
      form.elements.token.value = paymentMethod.id;
      form.submit();
    });
  }
}

customElements.define("card-form", CardForm);
