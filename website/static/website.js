// A box that scrolls sideways can be reached with the keyboard; one that fits is no stop for the Tab key.
(() => {
  const boxes = document.querySelectorAll(".formula, .chart-picture, .pst-scrollable-table-container, div.highlight pre");

  // Looked at when it comes near, all at once: to look at one and change it lays out the page anew each time.
  const near = new IntersectionObserver(
    (entries) => {
      const come = entries.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target);
      const scroll = come.map((box) => box.scrollWidth > box.clientWidth);
      come.forEach((box, i) => (scroll[i] ? (box.tabIndex = 0) : box.removeAttribute("tabindex")));
    },
    { rootMargin: "100%" },
  );
  const look = () => boxes.forEach((box) => (near.unobserve(box), near.observe(box)));

  look();
  window.addEventListener("resize", look);
})();

// Paper is white.
(() => {
  const { dataset } = document.documentElement;
  let theme;
  window.addEventListener("beforeprint", () => {
    theme = dataset.theme;
    dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => (dataset.theme = theme));
})();

// A copied formula is its TeX.
document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (!selection.rangeCount) return;
  const range = selection.getRangeAt(0);
  const around = range.commonAncestorContainer;
  const inside = (around.closest ? around : around.parentElement)?.closest("[data-tex]");
  const box = document.createElement("div");
  box.append(inside ? inside.dataset.tex : range.cloneContents());
  const formulas = box.querySelectorAll("[data-tex]");
  if (!inside && !formulas.length) return;
  for (const formula of formulas) formula.replaceWith(formula.dataset.tex);
  box.style = "position: absolute; left: -9999px";
  document.body.append(box); // its text has line breaks only when it is laid out
  event.clipboardData.setData("text/plain", box.innerText);
  box.remove();
  event.preventDefault();
});

// What only answers a reader comes at the first sign of one, a script at a time; a click or Ctrl-K until then is kept.
(() => {
  const SIGNS = ["pointermove", "pointerdown", "touchstart", "wheel", "scroll", "keydown", "focusin"];
  const html = document.documentElement;
  const idle = window.requestIdleCallback ?? setTimeout;
  const ours = ({ dataset }) => /charts|search/.test(dataset.src); // before the theme's
  const waiting = [...document.querySelectorAll("script[data-src]")].sort((a, b) => ours(b) - ours(a));
  const kept = [];
  let begun = false;

  function keep(event) {
    const { type, target, ctrlKey, metaKey, key } = event;
    if (type === "click" ? !target.closest("button") : !(ctrlKey || metaKey) || key !== "k") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    begin();
    kept.push(() => target.dispatchEvent(new event.constructor(type, event)));
  }

  function next() {
    const place = waiting.shift();
    if (place) {
      const script = document.createElement("script");
      script.onload = script.onerror = () => idle(next, { timeout: 100 });
      script.src = place.dataset.src;
      place.replaceWith(script);
      return;
    }
    for (const type of ["click", "keydown"]) window.removeEventListener(type, keep, true);
    window.dispatchEvent(new Event("load")); // from which Bootstrap marks the section that is read
    kept.forEach((again) => again());
    html.dataset.scripts = "all"; // for the tests
  }

  function begin() {
    if (begun) return;
    begun = true;
    for (const sign of SIGNS) window.removeEventListener(sign, begin, true);
    if (document.readyState === "complete") next();
    else window.addEventListener("load", next, { once: true });
  }

  for (const type of ["click", "keydown"]) window.addEventListener(type, keep, true);
  for (const sign of SIGNS) window.addEventListener(sign, begin, { capture: true, passive: true });
  if (document.querySelector("article form.bd-search")) begin();
})();
