// A box that scrolls sideways can be reached with the keyboard; one that fits is no stop for the Tab key.
(() => {
  const boxes = document.querySelectorAll(".formula, .chart-picture, .pst-scrollable-table-container, div.highlight pre");

  function markScrollable() {
    for (const box of boxes) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  markScrollable();
  window.addEventListener("resize", markScrollable);
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
