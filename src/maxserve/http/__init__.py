"""The HTTP/1.1 client of maxserve: pooled connections, streamed answers, server-sent events."""
