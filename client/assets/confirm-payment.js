// <confirm-payment key="pk_…" secret="pi_…_secret_…" waiting="…" unreachable="…"></confirm-payment> lets the buyer confirm a payment in the page of their bank,
// which Stripe's script shows. Then the form around it is posted: the same payment again.
import { loadStripe } from "./stripe.js";

class ConfirmPayment extends HTMLElement {
  async connectedCallback() {
    const message = document.createElement("p");
    message.setAttribute("role", "status");
    message.textContent = this.getAttribute("waiting");
    this.replaceChildren(message);
    const refuse = (text) => {
      message.className = "message";
      message.setAttribute("role", "alert");
      message.textContent = text;
    };
    try {
      await loadStripe();
    } catch {
      refuse(this.getAttribute("unreachable"));
      return;
    }
    const stripe = Stripe(this.getAttribute("key"));
    const { error } = await stripe.confirmCardPayment(this.getAttribute("secret"));
    // Confirmed before, in another tab or by an answer that got lost: the money is held, so the payment goes on.
    if (error && error.payment_intent?.status !== "requires_capture") {
      refuse(error.message);
      return;
    }
    this.closest("form").submit();
  }
}

customElements.define("confirm-payment", ConfirmPayment);
