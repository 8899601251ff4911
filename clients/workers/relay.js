// Passes on what env.AI asks: the binding speaks to a host of its own, this puts maxserve's address in its place.
const ADDRESS = "http://127.0.0.1:8080";

export default {
  fetch(request, env) {
    const asked = new URL(request.url);
    const there = new URL(env.MAXSERVE_URL || ADDRESS);
    there.pathname = there.pathname.replace(/\/+$/, "") + asked.pathname;
    there.search = asked.search;
    const passed = new Request(there, request);
    if (env.MAXSERVE_API_KEY) passed.headers.set("authorization", `Bearer ${env.MAXSERVE_API_KEY}`);
    return fetch(passed);
  },
};
