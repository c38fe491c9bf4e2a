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

// What only answers a touch comes when the page is drawn, one script at a time, so that nobody waits for it.
(() => {
  const idle = window.requestIdleCallback ?? setTimeout;
  const waiting = [...document.querySelectorAll("script[data-src]")];

  function next() {
    const place = waiting.shift();
    if (!place) {
      document.documentElement.dataset.scripts = "all"; // for the tests
      window.dispatchEvent(new Event("load")); // from which Bootstrap marks the section that is read
      return;
    }
    const script = document.createElement("script");
    script.onload = script.onerror = () => idle(next, { timeout: 1000 });
    script.src = place.dataset.src;
    place.replaceWith(script);
  }

  window.addEventListener("load", next, { once: true });
})();
