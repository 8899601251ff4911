/* A load generator: keeps a number of requests in flight over kept-alive connections and reports what came back.
 *
 *   load PORT REQUEST_FILE CONNECTIONS SECONDS [WARMUP_SECONDS [REQUESTS]]
 *
 * REQUEST_FILE holds one whole HTTP/1.1 request, sent again on each connection as soon as its answer is complete. Counts
 * server-sent events (comments do not count), bytes of body, complete answers, answers that end in [DONE], tokens by the
 * usage at their ends (OpenAI's completion_tokens, llama.cpp's tokens_predicted), and errors
 * (another status than 200, or a connection that ends inside an answer). The time to the first byte runs from the
 * request's write to the first byte of the body, "total" to its end; both in microseconds. What happens in the warm-up is
 * left out, but for errors. With REQUESTS it ends after so many answers, SECONDS at the latest. One thread, epoll; prints one
 * JSON object. Loopback only.
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
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 18, HEADER = 1 << 14, EVENTS = 1024, TAIL = 2048, SAMPLES = 1 << 22 };
enum state { HEADERS, LENGTH, SIZE, CHUNK, CHUNK_END, TRAILER };

struct connection {
    int fd, status, close, busy;
    enum state state;
    char header[HEADER]; /* the answer's head, later the line of a chunk's size */
    size_t header_length;
    size_t rest;         /* bytes of the body or chunk still to come */
    char first, previous; /* first byte of the event, last byte that was not CR */
    char tail[TAIL];
    size_t tail_length;
    long frames, start, first_byte; /* events; nanoseconds */
};

struct samples {
    double *values;
    size_t count;
};

static char *request, buffer[BUFFER];
static size_t request_length;
static int poller, port;
static long counted_from; /* nanoseconds; nothing before it counts */
static long wanted = -1; /* requests still to be asked, -1: no end */
static long busy;        /* connections with an answer to come */
static long requests, errors, frames, whole_frames, tokens, bytes, done, least = -1, most, reconnects, failed_status;
static struct samples first_byte, total;

static long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void note(struct samples *s, double value) {
    if (!s->values && !(s->values = malloc(SAMPLES * sizeof *s->values))) fail("malloc");
    if (s->count < SAMPLES) s->values[s->count++] = value;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *name, struct samples *s) {
    qsort(s->values, s->count, sizeof *s->values, ascending);
    double p[3] = {0, 0, 0};
    const double at[3] = {0.5, 0.9, 0.99};
    for (int i = 0; i < 3 && s->count; i++) p[i] = s->values[(size_t)(at[i] * (double)(s->count - 1) + 0.5)];
    printf("\"%s\":{\"count\":%zu,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f}", name, s->count, p[0], p[1], p[2]);
}

static void ask(struct connection *c) {
    if (wanted == 0) return;
    if (wanted > 0) wanted--;
    busy++;
    c->busy = 1;
    c->state = HEADERS;
    c->header_length = c->rest = c->tail_length = 0;
    c->frames = c->first_byte = 0;
    c->first = 0;
    c->previous = '\n';
    c->status = c->close = 0;
    c->start = now();
    for (size_t at = 0; at < request_length;) {
        ssize_t sent = write(c->fd, request + at, request_length - at);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (sent < 0) {
            if (errno != EPIPE && errno != ECONNRESET) fail("write");
            return;
        }
        at += (size_t)sent;
    }
}

static void reach(struct connection *c) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &e);
    ask(c);
}

/* The number after the last `name` in the text, 0 where there is none. */
static long last_number(const char *text, const char *name) {
    long found = 0;
    while ((text = strstr(text, name))) found = strtol(text += strlen(name), NULL, 10);
    return found;
}

static void renew(struct connection *c) {
    reconnects++;
    close(c->fd);
    reach(c);
}

/* A kept connection that the server had given up: no answer was lost, the request is sent on another one. */
static void again(struct connection *c) {
    busy--;
    c->busy = 0;
    if (wanted >= 0) wanted++;
    renew(c);
}

static void finish(struct connection *c, int whole) {
    long end = now();
    busy--;
    c->busy = 0;
    if (!whole || c->status != 200) {
        errors++;
        failed_status = c->status;
    } else if (end >= counted_from) {
        /* Answers begun in the warm-up count: they make up for those that the end cuts. */
        requests++;
        whole_frames += c->frames;
        if (least < 0 || c->frames < least) least = c->frames;
        if (c->frames > most) most = c->frames;
        c->tail[c->tail_length < TAIL ? c->tail_length : TAIL - 1] = 0;
        if (strstr(c->tail, "[DONE]")) done++;
        tokens += last_number(c->tail, "\"completion_tokens\":") + last_number(c->tail, "\"tokens_predicted\":");
        if (c->start >= counted_from) {
            if (c->first_byte) note(&first_byte, (double)(c->first_byte - c->start) / 1e3);
            note(&total, (double)(end - c->start) / 1e3);
        }
    }
    if (whole && !c->close) {
        ask(c);
        return;
    }
    renew(c);
}

static void body(struct connection *c, const char *at, size_t length) {
    if (!length) return;
    if (!c->first_byte) c->first_byte = now();
    const char *end = at + length;
    long seen = 0;
    if (!c->first) c->first = *at;
    for (const char *line = at; line < end;) {
        const char *feed = memchr(line, '\n', (size_t)(end - line));
        if (!feed) {
            c->previous = end[-1] == '\r' && end - line == 1 ? c->previous : end[-1];
            break;
        }
        char before = feed > line ? feed[-1] : c->previous;
        if (before == '\r') before = feed - 1 > line ? feed[-2] : c->previous;
        if (before == '\n') {
            seen += c->first != ':';
            c->first = feed + 1 < end ? feed[1] : 0;
        }
        c->previous = '\n';
        line = feed + 1;
    }
    c->frames += seen;
    if (now() >= counted_from) {
        frames += seen;
        bytes += (long)length;
    }
    size_t keep = length < TAIL - 1 ? length : TAIL - 1;
    if (c->tail_length + keep > TAIL - 1) {
        size_t left = TAIL - 1 - keep;
        memmove(c->tail, c->tail + c->tail_length - left, left);
        c->tail_length = left;
    }
    memcpy(c->tail + c->tail_length, end - keep, keep);
    c->tail_length += keep;
}

static void head(struct connection *c) {
    c->header[c->header_length] = 0;
    c->status = atoi(c->header + 9);
    c->state = CHUNK_END;
    c->rest = 0;
    int known = 0;
    for (char *line = strchr(c->header, '\n'); line; line = strchr(line, '\n')) {
        line++;
        if (!strncasecmp(line, "content-length:", 15)) c->rest = strtoul(line + 15, NULL, 10), c->state = LENGTH, known = 1;
        if (!strncasecmp(line, "transfer-encoding:", 18)) c->state = SIZE, known = 1;
        if (!strncasecmp(line, "connection: close", 17)) c->close = 1;
    }
    if (!known) fail("an answer without length");
    c->header_length = 0;
}

/* Take what one read brought. Returns 1 where the answer is complete. */
static int take(struct connection *c, const char *at, size_t length) {
    const char *end = at + length;
    while (at < end) {
        if (c->state == LENGTH || c->state == CHUNK) {
            size_t part = (size_t)(end - at) < c->rest ? (size_t)(end - at) : c->rest;
            body(c, at, part);
            at += part;
            c->rest -= part;
            if (c->rest) continue;
            if (c->state == LENGTH) return 1;
            c->state = CHUNK_END;
            c->rest = 2;
            continue;
        }
        if (c->state == CHUNK_END) {
            size_t part = (size_t)(end - at) < c->rest ? (size_t)(end - at) : c->rest;
            at += part;
            if (!(c->rest -= part)) c->state = SIZE;
            continue;
        }
        if (c->header_length + 1 >= HEADER) fail("a head over 16 KiB");
        c->header[c->header_length++] = *at++;
        if (at[-1] != '\n') continue;
        if (c->state == HEADERS) {
            if (c->header_length < 4 || memcmp(c->header + c->header_length - 4, "\r\n\r\n", 4)) continue;
            head(c);
            if (c->state == LENGTH && !c->rest) return 1;
        } else if (c->state == SIZE) {
            c->rest = strtoul(c->header, NULL, 16);
            c->state = c->rest ? CHUNK : TRAILER;
            c->header_length = 0;
        } else {
            int blank = c->header_length == 2;
            c->header_length = 0;
            if (blank) return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 5) return fprintf(stderr, "usage: load PORT REQUEST_FILE CONNECTIONS SECONDS [WARMUP [REQUESTS]]\n"), 2;
    port = atoi(argv[1]);
    FILE *file = fopen(argv[2], "rb");
    if (!file || !(request = malloc(1 << 20))) fail(argv[2]);
    request_length = fread(request, 1, 1 << 20, file);
    int count = atoi(argv[3]);
    double seconds = atof(argv[4]), warmup = argc > 5 ? atof(argv[5]) : 0;
    if (argc > 6) wanted = atol(argv[6]);
    signal(SIGPIPE, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct connection *all = calloc((size_t)count, sizeof *all);
    if (!all) fail("calloc");
    counted_from = now() + (long)(warmup * 1e9);
    long end = counted_from + (long)(seconds * 1e9);
    for (int i = 0; i < count; i++) reach(&all[i]);
    struct epoll_event events[EVENTS];
    for (long left; (left = end - now()) > 0 && busy;) {
        int n = epoll_wait(poller, events, EVENTS, (int)(left / 1000000) + 1);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            ssize_t got = read(c->fd, buffer, BUFFER);
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (!c->busy)
                close(c->fd); /* all was asked, and the server hangs up */
            else if (got <= 0 && !c->status && !c->header_length)
                again(c);
            else if (got <= 0)
                finish(c, 0);
            else if (take(c, buffer, (size_t)got))
                finish(c, 1);
        }
    }
    double elapsed = (double)(now() - counted_from) / 1e9;
    long open = 0;
    for (int i = 0; i < count; i++) open += all[i].frames > 0;
    printf("{\"seconds\":%.3f,\"requests\":%ld,\"errors\":%ld,\"last_bad_status\":%ld,\"reconnects\":%ld,\"frames\":%ld,"
           "\"whole_frames\":%ld,\"tokens\":%ld,\"bytes\":%ld,\"done\":%ld,\"least\":%ld,\"most\":%ld,\"open\":%ld,",
           elapsed, requests, errors, failed_status, reconnects, frames, whole_frames, tokens, bytes, done, least, most, open);
    print("first_us", &first_byte);
    printf(",");
    print("total_us", &total);
    printf("}\n");
    return 0;
}
