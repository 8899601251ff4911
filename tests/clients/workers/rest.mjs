// workers-ai-provider without a Worker: its addresses are constants, so its fetch puts another in their place.
// Usage: node rest.mjs URL
import { createWorkersAI } from "workers-ai-provider";
import { tour } from "./tour.mjs";

const [, , url] = process.argv;
const paths = new Set();
const provider = createWorkersAI({
  accountId: "0123456789abcdef0123456789abcdef",
  apiKey: "unused",
  fetch: (input, init) => {
    const asked = new URL(input);
    paths.add(asked.pathname);
    return fetch(new URL(asked.pathname + asked.search, url), init);
  },
});
console.log(JSON.stringify({ ...(await tour(provider)), paths: [...paths] }));
