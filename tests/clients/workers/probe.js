// Runs the body of each request as the inside of an async function that has `env` and a `console` whose lines come back.
export default {
  async fetch(request, { UNSAFE, ...env }) {
    const lines = [];
    const console = { log: (...values) => lines.push(...values) };
    try {
      const example = UNSAFE.newAsyncFunction(await request.text(), "example", "env", "console");
      return Response.json({ value: await example(env, console), lines });
    } catch (error) {
      return Response.json({ thrown: { name: error.name, message: error.message }, lines });
    }
  },
};
