# A Worker on this machine whose env.AI asks maxserve: workerd serve --experimental config.capnp
@0xb46c6328bb91645f;

using Workerd = import "/workerd/workerd.capnp";
using Maxserve = import "maxserve.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    Maxserve.relay,
    Maxserve.network,
  ],
  sockets = [(name = "http", address = "localhost:8787", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  bindings = [Maxserve.binding],
);
