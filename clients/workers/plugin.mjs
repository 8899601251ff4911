// Gives `wrangler dev` an env.AI that asks maxserve. Miniflare loads it for the bindings that wrangler.jsonc has under
// `unsafe.bindings` with this package as their plugin; README.md shows the lines.
import { readFile } from "node:fs/promises";

const PLUGIN = "maxserve";
const NETWORK = `${PLUGIN}:network`;

// Miniflare 4 up to 4.20260426 hands over the plugin's own bindings, later ones a Worker's whole configuration.
function names(options) {
  if (Array.isArray(options)) return options.map((binding) => binding.name);
  const bindings = Object.entries(options?.config?.env ?? {});
  return bindings.filter(([, binding]) => binding.dev?.plugin?.name === PLUGIN).map(([name]) => name);
}

async function services() {
  const setting = (name) => ({ name, text: process.env[name] ?? "" });
  const esModule = await readFile(new URL("relay.js", import.meta.url), "utf8");
  return [
    {
      name: PLUGIN,
      worker: {
        compatibilityDate: "2026-04-01",
        modules: [{ name: "relay.js", esModule }],
        bindings: [setting("MAXSERVE_URL"), setting("MAXSERVE_API_KEY")],
        globalOutbound: { name: NETWORK },
      },
    },
    { name: NETWORK, network: { allow: ["public", "private"], tlsOptions: { trustBrowserCas: true } } },
  ];
}

export const plugins = {
  [PLUGIN]: {
    getBindings: (options) =>
      names(options).map((name) => ({
        name,
        wrapped: {
          moduleName: "cloudflare-internal:ai-api",
          innerBindings: [{ name: "fetcher", service: { name: PLUGIN } }],
        },
      })),
    getNodeBindings: () => ({}),
    getServices: ({ options }) => (names(options).length ? services() : []),
  },
};
