// Passes on what env.AI asks: the binding speaks to a host of its own, this puts maxserve's address in its place.
const ADDRESS = "http://127.0.0.1:8080";

export default {
  async fetch(request, env) {
    const asked = new URL(request.url);
    const there = new URL(env.MAXSERVE_URL || ADDRESS);
    const answers = there.href;
    there.pathname = there.pathname.replace(/\/+$/, "") + asked.pathname;
    there.search = asked.search;
    const passed = new Request(there, request);
    if (env.MAXSERVE_API_KEY) passed.headers.set("authorization", `Bearer ${env.MAXSERVE_API_KEY}`);
    try {
      return await fetch(passed);
    } catch (error) {
      return unreachable(`Nobody answers at ${answers}: start maxserve there, or set MAXSERVE_URL. (${error.message})`);
    }
  },
};

// In the form of Cloudflare's errors, out of which the binding makes those that it throws.
function unreachable(message) {
  const errors = [{ code: 3040, message }];
  const body = { name: "AiInternalError", internalCode: 3040, description: message, errors, success: false };
  return Response.json(body, { status: 503 });
}
