/* A synthetic engine: replays llama.cpp-shaped answers as fast as the sockets take them, or paced.
 *
 *   upstream PORT [MODEL]
 *
 * One thread, epoll, every frame encoded once at the start. POST …/chat/completions answers in chat shape, any other
 * POST …completions in text shape (raw M2 output: a short thought, then the answer). `max_tokens` of the body is the
 * number of frames, one token each; "stream": true streams them. GET /set/INTERVAL_US/BURST changes the pace for all
 * streams that start later: BURST frames per write (0: all that fits), INTERVAL_US microseconds between two writes of
 * one stream. Prints "ready PORT" on stdout when it listens. It is a measuring instrument, not a server: loopback only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { FRAMES = 8192, THOUGHT = 16, DEFAULT_FRAMES = 256, INPUT = 1 << 16, EVENTS = 1024 };

static const char HEAD[] =
    "HTTP/1.1 200 OK\r\nServer: llama.cpp\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
static const char DONE[] = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
static const char *WORDS[] = {" the", " model", " answers", " in", " short", " words", " and", " then", " stops", "."};
enum { WORD_COUNT = sizeof WORDS / sizeof *WORDS };

/* The frames of one shape, end to end; frame i lies from at[i] to at[i + 1]. */
struct shape {
    char *bytes;
    size_t at[FRAMES + 1];
};

struct stream {
    int fd;
    int epollout, queued;
    char *in;              /* the request as far as it was read */
    size_t have, room;
    const struct shape *shape;
    size_t head;           /* bytes of HEAD still to send */
    size_t from, to, stop; /* frame bytes: next, end of this turn, end of all */
    int sent_frames, frames, burst;
    long interval;         /* nanoseconds */
    char *tail;            /* what follows the frames, or a whole answer */
    size_t tail_at, tail_length;
    long due;              /* nanoseconds, monotonic */
    struct stream *next;
};

static struct shape text_shape, chat_shape;
static const char *model = "synthetic";
static int poller, burst;
static long interval_us;
static struct stream *first, **last = &first; /* streams that wait for their turn, by due time */

static long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static const char *word(int i, int chat) {
    if (!chat && i == THOUGHT) return "\\n</think>\\n\\n";
    return WORDS[i % WORD_COUNT];
}

/* One event in the shape that llama-server writes, without the HTTP chunk around it. */
static int event(char *out, size_t room, int chat, const char *text, const char *finish) {
    if (chat)
        return snprintf(out, room,
                        "data: {\"choices\":[{\"finish_reason\":%s,\"index\":0,\"delta\":{%s%s%s}}],\"created\":1763712000,"
                        "\"id\":\"chatcmpl-m4q2Zk8VbN1xTt0cR7yLwEoJd5uHsGfA\",\"model\":\"%s\","
                        "\"system_fingerprint\":\"b7100-0123abcd\",\"object\":\"chat.completion.chunk\"}\n\n",
                        finish, text ? "\"content\":\"" : "", text ? text : "", text ? "\"" : "", model);
    return snprintf(out, room,
                    "data: {\"choices\":[{\"text\":\"%s\",\"index\":0,\"logprobs\":null,\"finish_reason\":%s}],"
                    "\"created\":1763712000,\"model\":\"%s\",\"system_fingerprint\":\"b7100-0123abcd\","
                    "\"object\":\"text_completion\",\"id\":\"chatcmpl-m4q2Zk8VbN1xTt0cR7yLwEoJd5uHsGfA\"}\n\n",
                    text ? text : "", finish, model);
}

static void build(struct shape *shape, int chat) {
    shape->bytes = malloc((size_t)FRAMES * 512);
    if (!shape->bytes) fail("malloc");
    size_t at = 0;
    for (int i = 0; i < FRAMES; i++) {
        char frame[480];
        int length = event(frame, sizeof frame, chat, word(i, chat), "null");
        shape->at[i] = at;
        at += (size_t)sprintf(shape->bytes + at, "%x\r\n", length);
        memcpy(shape->bytes + at, frame, (size_t)length);
        at += (size_t)length;
        memcpy(shape->bytes + at, "\r\n", 2);
        at += 2;
    }
    shape->at[FRAMES] = at;
}

static void queue(struct stream *s, long due) {
    s->due = due;
    s->queued = 1;
    s->next = NULL;
    *last = s;
    last = &s->next;
}

static void unqueue(struct stream *s) {
    if (!s->queued) return;
    for (struct stream **p = &first; *p; p = &(*p)->next)
        if (*p == s) {
            *p = s->next;
            if (last == &s->next) last = p;
            break;
        }
    s->queued = 0;
}

static void drop(struct stream *s) {
    unqueue(s);
    close(s->fd);
    free(s->in);
    free(s->tail);
    free(s);
}

static void watch(struct stream *s, int out) {
    if (s->epollout == out) return;
    struct epoll_event e = {.events = EPOLLIN | (out ? EPOLLOUT : 0u), .data.ptr = s};
    epoll_ctl(poller, EPOLL_CTL_MOD, s->fd, &e);
    s->epollout = out;
}

/* Write what this turn allows. Returns 0 where the stream is gone. */
static int push(struct stream *s) {
    for (;;) {
        struct iovec v[3];
        int n = 0, last_turn = s->to == s->stop;
        if (s->head) v[n++] = (struct iovec){(void *)(HEAD + sizeof HEAD - 1 - s->head), s->head};
        if (s->from < s->to) v[n++] = (struct iovec){s->shape->bytes + s->from, s->to - s->from};
        if (last_turn && s->tail_at < s->tail_length)
            v[n++] = (struct iovec){s->tail + s->tail_at, s->tail_length - s->tail_at};
        if (!n) {
            watch(s, 0);
            if (last_turn) return 1;
            queue(s, s->interval ? s->due + s->interval : 0);
            return 1;
        }
        ssize_t sent = writev(s->fd, v, n);
        if (sent < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN) return watch(s, 1), 1;
            return drop(s), 0;
        }
        size_t rest = (size_t)sent, part = rest < s->head ? rest : s->head;
        s->head -= part;
        rest -= part;
        part = rest < s->to - s->from ? rest : s->to - s->from;
        s->from += part;
        rest -= part;
        s->tail_at += rest;
    }
}

static int turn(struct stream *s) {
    int take = s->burst ? s->burst : s->frames;
    s->sent_frames = s->sent_frames + take > s->frames ? s->frames : s->sent_frames + take;
    s->to = s->shape->at[s->sent_frames];
    return push(s);
}

static void tail(struct stream *s, size_t room) {
    free(s->tail);
    s->tail = malloc(room);
    if (!s->tail) fail("malloc");
    s->tail_at = s->tail_length = 0;
}

static int plain(struct stream *s, const char *body) {
    size_t length = strlen(body);
    tail(s, length + 256);
    s->tail_length = (size_t)sprintf(
        s->tail, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", length, body);
    s->head = s->from = s->to = s->stop = 0;
    return push(s);
}

static void usage(char *out, size_t room, int frames) {
    snprintf(out, room, "\"usage\":{\"completion_tokens\":%d,\"prompt_tokens\":12,\"total_tokens\":%d}", frames, frames + 12);
}

static int whole(struct stream *s, int chat, int frames) {
    char counts[160];
    usage(counts, sizeof counts, frames);
    char *body = malloc((size_t)frames * 20 + 1024);
    if (!body) fail("malloc");
    int at = sprintf(body, chat ? "{\"choices\":[{\"finish_reason\":\"length\",\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                                : "{\"choices\":[{\"finish_reason\":\"length\",\"index\":0,\"logprobs\":null,\"text\":\"");
    for (int i = 0; i < frames; i++) at += sprintf(body + at, "%s", word(i, chat));
    sprintf(body + at, "%s}],\"created\":1763712000,\"model\":\"%s\",\"object\":\"%s\",\"id\":\"chatcmpl-1\",%s}",
            chat ? "\"}" : "\"", model, chat ? "chat.completion" : "text_completion", counts);
    int alive = plain(s, body);
    free(body);
    return alive;
}

static int stream(struct stream *s, int chat, int frames) {
    char last_frame[512], counts[512], values[160];
    int length = event(last_frame, sizeof last_frame, chat, chat ? NULL : "", "\"length\"");
    usage(values, sizeof values, frames);
    int more = snprintf(counts, sizeof counts,
                        "data: {\"choices\":[],\"created\":1763712000,\"id\":\"chatcmpl-m4q2Zk8VbN1xTt0cR7yLwEoJd5uHsGfA\","
                        "\"model\":\"%s\",\"system_fingerprint\":\"b7100-0123abcd\",\"object\":\"%s\",%s}\n\n",
                        model, chat ? "chat.completion.chunk" : "text_completion", values);
    tail(s, 1536);
    s->tail_length = (size_t)sprintf(s->tail, "%x\r\n%s\r\n%x\r\n%s\r\n%s", length, last_frame, more, counts, DONE);
    s->shape = chat ? &chat_shape : &text_shape;
    s->head = sizeof HEAD - 1;
    s->from = s->to = 0;
    s->frames = frames;
    s->stop = s->shape->at[frames];
    s->sent_frames = 0;
    s->burst = burst;
    s->interval = interval_us * 1000;
    s->due = now();
    return turn(s);
}

static long number(const char *body, const char *name) {
    const char *found = strstr(body, name);
    return found ? strtol(found + strlen(name), NULL, 10) : 0;
}

static int truth(const char *body, const char *name) {
    const char *found = strstr(body, name);
    if (!found) return 0;
    found += strlen(name);
    return !strncmp(found + strspn(found, " "), "true", 4);
}

static int answer(struct stream *s, const char *body) {
    char path[128] = "";
    sscanf(s->in, "%*s %127s", path);
    if (s->in[0] == 'P' && strstr(path, "completion")) {
        int chat = strstr(path, "/chat/") != NULL;
        long frames = number(body, "\"max_tokens\":");
        if (!frames) frames = number(body, "\"max_completion_tokens\":");
        if (frames < 1) frames = DEFAULT_FRAMES;
        if (frames > FRAMES) frames = FRAMES;
        return truth(body, "\"stream\":") ? stream(s, chat, (int)frames) : whole(s, chat, (int)frames);
    }
    if (sscanf(path, "/set/%ld/%d", &interval_us, &burst) == 2) return plain(s, "{\"status\":\"ok\"}");
    char text[512];
    if (strstr(path, "/models"))
        snprintf(text, sizeof text,
                 "{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"object\":\"model\",\"created\":1763712000,\"owned_by\":\"bench\"}]}",
                 model);
    else if (strstr(path, "tokenize"))
        snprintf(text, sizeof text, "{\"tokens\":[1,2,3,4,5,6,7,8,9,10,11,12],\"count\":12,\"max_model_len\":131072}");
    else
        strcpy(text, "{\"status\":\"ok\"}");
    return plain(s, text);
}

/* Read requests; answer each once it is complete. Clients here wait for one answer before they ask again. */
static void receive(struct stream *s) {
    for (;;) {
        if (s->room - s->have < INPUT / 2) {
            s->room = s->room ? s->room * 2 : INPUT;
            s->in = realloc(s->in, s->room + 1);
            if (!s->in) fail("realloc");
        }
        ssize_t got = read(s->fd, s->in + s->have, s->room - s->have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) return drop(s);
        s->have += (size_t)got;
        s->in[s->have] = 0;
        char *end = strstr(s->in, "\r\n\r\n");
        if (!end) continue;
        size_t length = 0;
        for (char *line = s->in; line && line < end; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
            if (!strncasecmp(line, "content-length:", 15)) length = strtoul(line + 15, NULL, 10);
        size_t total = (size_t)(end - s->in) + 4 + length;
        if (s->have < total) continue;
        s->have = 0; /* one request at a time: what follows cannot be here yet */
        if (!answer(s, end + 4)) return;
    }
}

int main(int argc, char **argv) {
    if (argc < 2) return fprintf(stderr, "usage: upstream PORT [MODEL]\n"), 2;
    if (argc > 2) model = argv[2];
    signal(SIGPIPE, SIG_IGN);
    build(&text_shape, 0);
    build(&chat_shape, 1);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) fail("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("ready %d\n", ntohs(address.sin_port));
    fflush(stdout);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        int wait = -1;
        if (first) {
            long rest = first->due - now();
            wait = rest <= 0 ? 0 : (int)(rest / 1000000) + 1;
        }
        int n = epoll_wait(poller, events, EVENTS, wait);
        for (int i = 0; i < n; i++) {
            struct stream *s = events[i].data.ptr;
            if (!s) {
                int fd;
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                    struct stream *fresh = calloc(1, sizeof *fresh);
                    if (!fresh) fail("calloc");
                    fresh->fd = fd;
                    struct epoll_event added = {.events = EPOLLIN, .data.ptr = fresh};
                    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &added);
                }
                continue;
            }
            if ((events[i].events & EPOLLOUT) && !push(s)) continue;
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(s);
        }
        /* One pass over the streams whose turn it is; those that queue again wait for the next pass. */
        long time = now();
        struct stream *end = NULL;
        while (first && first->due <= time && first != end) {
            struct stream *s = first;
            first = s->next;
            if (!first) last = &first;
            s->queued = 0;
            if (turn(s) && s->queued && !end) end = s;
        }
    }
}
