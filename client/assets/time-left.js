// <time-left seconds="872">14 min 32 s</time-left> counts down. Without JavaScript it shows the time left when the page was
// made. When the time is over the page is fetched anew, because the server sent a Refresh header with it.
class TimeLeft extends HTMLElement {
  connectedCallback() {
    // The browser's clock may be wrong; only how far it moves counts.
    const end = Date.now() + Number(this.getAttribute("seconds")) * 1000;
    const show = () => {
      this.textContent = inWords(Math.max(0, Math.round((end - Date.now()) / 1000)));
    };
    this.timer = setInterval(show, 1000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }
}

// The same words as the server's.
function inWords(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

customElements.define("time-left", TimeLeft);
