// The real standardwebhooks package for JavaScript judges webhook requests; prints one JSON array of what it said.
// Usage: node webhooks_tour.mjs JSON, an array of {secret, headers, body}
import { Webhook } from "standardwebhooks";

const said = JSON.parse(process.argv[2]).map(({ secret, headers, body }) => {
  try {
    return new Webhook(secret).verify(body, headers);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
});
console.log(JSON.stringify(said));
