// arguments: a CSS selector, and a name or null. Returns the elements that can be seen and are called so, or whose names contain it.
const [css, name] = arguments;
const words = (text) => (text ?? "").replace(/\s+/g, " ").trim().toLowerCase();
const called = (element) => words(element.getAttribute("aria-label") || element.innerText || element.value);
const seen = [...document.querySelectorAll(css)].filter((element) => element.checkVisibility({ visibilityProperty: true }));
// What the page is about comes before its frame.
seen.sort((one, other) => Boolean(other.closest("main")) - Boolean(one.closest("main")));
if (name === null) return seen;
const exact = seen.filter((element) => called(element) === words(name));
return exact.length > 0 ? exact : seen.filter((element) => called(element).includes(words(name)));
