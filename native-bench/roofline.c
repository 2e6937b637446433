/*
 * The least that a scraper has to do: receive the pages, find the line ends, deflate what will be sent.
 *
 * usage: roofline NET PORT TARGETS INTERVAL_MS OUTPUT_PER_MILLE
 *
 * Scrapes targets 0 .. TARGETS-1 of NET, 10.244.0.0 say (addresses as in workload/target-address.ts), over HTTP/1.1 with connections that
 * stay open, all targets at each tick, one after another. Of each page the first OUTPUT_PER_MILLE thousandths go through zlib
 * (gzip, level 1; over 1000: some of it twice) and are thrown away. On SIGTERM it prints what it did, as JSON.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define WINDOW (256 * 1024)
#define MAX_TARGETS 4096
#define HOSTS_PER_NET 250

static volatile sig_atomic_t stopping = 0;
static unsigned char window[WINDOW];
static unsigned char deflated[WINDOW];
static in_addr_t net;
static int sockets[MAX_TARGETS];
static unsigned long long pages, bytes, lines, comments, output_bytes, compressed_bytes;

/* The body's bytes of the page being read, and where it is allowed to go on deflating. */
struct page {
  z_stream *stream;
  int per_mille;
  int at_line_start;
};

static void on_signal(int number) {
  (void)number;
  stopping = 1;
}

static int fail(const char *what) {
  if (!stopping) perror(what);
  return -1;
}

static int connect_target(int index, int port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr =
      htonl(ntohl(net) | (unsigned)(1 + index / HOSTS_PER_NET) << 8 | (unsigned)(1 + index % HOSTS_PER_NET));
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return fail("socket");
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    close(fd);
    return fail("connect");
  }
  return fd;
}

static void deflate_some(z_stream *stream, const unsigned char *from, size_t length, int flush) {
  stream->next_in = (unsigned char *)from;
  stream->avail_in = (unsigned)length;
  do {
    stream->next_out = deflated;
    stream->avail_out = WINDOW;
    deflate(stream, flush);
    compressed_bytes += WINDOW - stream->avail_out;
  } while (stream->avail_out == 0);
  output_bytes += length;
}

/* Takes a piece of the body: finds its line ends and deflates its share. */
static void take(struct page *page, const unsigned char *from, size_t length) {
  const unsigned char *at = from, *end = from + length;
  while (at < end) {
    if (page->at_line_start && *at == '#') comments++;
    const unsigned char *feed = memchr(at, '\n', (size_t)(end - at));
    page->at_line_start = feed != NULL;
    if (feed == NULL) break;
    lines++;
    at = feed + 1;
  }
  bytes += length;
  for (int rest = page->per_mille; rest > 0; rest -= 1000) {
    size_t share = rest >= 1000 ? length : length * (size_t)rest / 1000;
    deflate_some(page->stream, from, share, Z_NO_FLUSH);
  }
}

/* Reads one response with a chunked body. 0: whole page, -1: the connection is of no more use. */
static int read_page(int fd, struct page *page) {
  size_t held = 0, at = 0;
  enum { HEAD, SIZE, BODY, BODY_END, TRAILER } state = HEAD;
  size_t left = 0;
  for (;;) {
    if (at > 0) {
      memmove(window, window + at, held - at);
      held -= at;
      at = 0;
    }
    ssize_t got = recv(fd, window + held, WINDOW - held, 0);
    if (got <= 0) return fail("recv");
    held += (size_t)got;
    for (int more = 1; more;) {
      if (state == HEAD) {
        unsigned char *stop = memmem(window + at, held - at, "\r\n\r\n", 4);
        more = stop != NULL;
        if (more) {
          if (memcmp(window + at, "HTTP/1.1 200", 12) != 0) return -1;
          at = (size_t)(stop - window) + 4;
          state = SIZE;
        }
      } else if (state == SIZE || state == TRAILER) {
        unsigned char *stop = memmem(window + at, held - at, "\r\n", 2);
        more = stop != NULL;
        if (more && state == TRAILER) return 0;
        if (more) {
          left = strtoul((char *)window + at, NULL, 16);
          at = (size_t)(stop - window) + 2;
          state = left == 0 ? TRAILER : BODY;
        }
      } else if (state == BODY) {
        size_t piece = held - at < left ? held - at : left;
        take(page, window + at, piece);
        at += piece;
        left -= piece;
        if (left == 0) state = BODY_END;
        more = left == 0;
      } else {
        more = held - at >= 2;
        if (more) {
          at += 2;
          state = SIZE;
        }
      }
    }
  }
}

static void scrape(int slot, int port, int per_mille, z_stream *stream) {
  static const char request[] = "GET /metrics HTTP/1.1\r\nHost: target\r\nAccept: text/plain;version=0.0.4\r\n\r\n";
  if (sockets[slot] < 0) sockets[slot] = connect_target(slot, port);
  if (sockets[slot] < 0) return;
  struct page page = {stream, per_mille, 1};
  deflateReset(stream);
  if (send(sockets[slot], request, sizeof request - 1, MSG_NOSIGNAL) < 0 || read_page(sockets[slot], &page) < 0) {
    close(sockets[slot]);
    sockets[slot] = -1;
    return;
  }
  deflate_some(stream, window, 0, Z_FINISH);
  pages++;
}

static void wait_until(struct timespec *tick, long interval_ms) {
  tick->tv_sec += interval_ms / 1000;
  tick->tv_nsec += interval_ms % 1000 * 1000000;
  if (tick->tv_nsec >= 1000000000) {
    tick->tv_sec++;
    tick->tv_nsec -= 1000000000;
  }
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, tick, NULL);
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: roofline NET PORT TARGETS INTERVAL_MS OUTPUT_PER_MILLE\n");
    return 2;
  }
  int port = atoi(argv[2]), targets = atoi(argv[3]), per_mille = atoi(argv[5]);
  long interval_ms = atol(argv[4]);
  net = inet_addr(argv[1]);
  z_stream stream;
  struct sigaction action;
  struct timespec tick;
  memset(&stream, 0, sizeof stream);
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  if (targets > MAX_TARGETS || deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 1;
  for (int slot = 0; slot < targets; slot++) sockets[slot] = -1;
  clock_gettime(CLOCK_MONOTONIC, &tick);
  while (!stopping) {
    for (int slot = 0; slot < targets && !stopping; slot++) scrape(slot, port, per_mille, &stream);
    if (!stopping) wait_until(&tick, interval_ms);
  }
  printf("{\"pages\":%llu,\"bytes\":%llu,\"lines\":%llu,\"comments\":%llu,\"outputBytes\":%llu,\"compressedBytes\":%llu}\n",
         pages, bytes, lines, comments, output_bytes, compressed_bytes);
  return 0;
}
