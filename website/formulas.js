// Reads a JSON list of [TeX, is display] from stdin; writes {results, css}. The arguments are MathJax's folder and what
// comes out: chtml, or svg with its shapes inside.
const [folder, output] = process.argv.slice(2);
const SAID_EACH_TIME = / style="position: relative;"| unselectable="on"| xmlns="[^"]*MathML"/g; // a rule says the first
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));

require(folder + "/node-main.js")
  .init({
    loader: { paths: { mathjax: folder }, load: ["input/tex-full", "output/" + output, ...(output === "chtml" ? ["a11y/assistive-mml"] : [])] },
    // With these two packages an unknown macro would be shown in red and pass.
    tex: {
      packages: { "[-]": ["noundefined", "noerrors"] },
      formatError: (_, error) => {
        throw error;
      },
    },
    chtml: { fontURL: "formulas" },
    svg: { fontCache: "none" },
  })
  .then((MathJax) => {
    const adaptor = MathJax.startup.adaptor;
    const render = ([tex, display]) => {
      try {
        return { html: adaptor.outerHTML(MathJax["tex2" + output](tex, { display })).replace(SAID_EACH_TIME, "") };
      } catch (error) {
        return { error: error.message };
      }
    };
    const results = formulas.map(render);
    const css = adaptor.textContent(MathJax[output + "Stylesheet"]()) + "\nmjx-container { position: relative }\n";
    process.stdout.write(JSON.stringify({ results, css }));
  });
